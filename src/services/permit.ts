import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type Context,
  type DetailedError,
  type EntityJson,
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { ExportRecord, Requester } from '../records/export-records.ts';
import type { ExportRequest } from './export-request.ts';
import { parseTableArn, type TableArn } from './table-arn.ts';

export interface Decision {
  readonly allowed: boolean;
  /** The policies that decided, by their `@id`. */
  readonly policyIds: readonly string[];
}

/** What a person may ask about. */
type PermitQuestion =
  | { readonly action: 'ExportTable'; readonly request: ExportRequest }
  | { readonly action: 'ViewExport'; readonly record: ExportRecord }
  /** `table` null: events that are about no table. */
  | { readonly action: 'ViewAudit'; readonly table: TableArn | null };

/** Decides by Cedar's rules: default deny, forbid wins. */
export type Permit = (person: Requester, question: PermitQuestion) => Decision;

const SCHEMA_FILE = 'outport.cedarschema';
/** Cedar keeps parsed schemas and policies by name; a process has one of each. */
const PARSED = 'outport';

/**
 * Reads the schema and every `*.cedar` file of a folder, once a process.
 * @throws Error naming the policy and the reason when one does not fit the schema
 */
export function createPermit(directory: string): Permit {
  const schema = readFileSync(path.join(directory, SCHEMA_FILE), 'utf8');
  const staticPolicies = readPolicies(directory);
  const validation = validate({ schema, policies: { staticPolicies } });
  if (validation.type === 'failure') throw new Error(`policies: ${explain(validation.errors)}`);
  const [invalid] = validation.validationErrors;
  if (invalid) throw new Error(`policy ${invalid.policyId}: ${explain([invalid.error])}`);
  for (const parsed of [preparseSchema(PARSED, schema), preparsePolicySet(PARSED, { staticPolicies })]) {
    if (parsed.type === 'failure') throw new Error(`policies: ${explain(parsed.errors)}`);
  }
  return decide;
}

function decide(person: Requester, question: PermitQuestion): Decision {
  const user = userEntity(person);
  const { resource, others, context } = describe(question);
  const answer = statefulIsAuthorized({
    principal: user.uid,
    action: { type: 'Action', id: question.action },
    resource: resource.uid,
    context,
    entities: [user, ...person.teams.map(teamEntity), resource, ...others],
    preparsedSchemaName: PARSED,
    preparsedPolicySetId: PARSED,
    validateRequest: true,
  });
  if (answer.type === 'failure') throw new Error(`Cedar: ${explain(answer.errors)}`);
  const { decision, diagnostics } = answer.response;
  // Cedar leaves a policy that fails out of the decision. It may have been the one that forbids.
  const allowed = decision === 'allow' && diagnostics.errors.length === 0;
  return { allowed, policyIds: diagnostics.reason };
}

function describe(question: PermitQuestion): { resource: EntityJson; others: EntityJson[]; context: Context } {
  switch (question.action) {
    case 'ExportTable': {
      const { table, destination, exportType } = question.request;
      const { bucket, bucketOwner, prefix, encryption } = destination;
      const { algorithm, kmsKeyId } = encryption;
      const context = {
        destination: {
          bucket,
          owner: bucketOwner,
          ...(prefix !== null && { prefix }),
          encryption: { algorithm, ...(kmsKeyId !== null && { kmsKeyId }) },
        },
        exportType,
      };
      return { resource: tableEntity(table), others: [], context };
    }
    case 'ViewExport': {
      const { record } = question;
      const table = parseTableArn(record.tableArn);
      if (!table) throw new Error(`export ${record.id} has no table: ${record.tableArn}`);
      return { resource: exportEntity(record), others: [tableEntity(table)], context: {} };
    }
    case 'ViewAudit':
      return { resource: question.table ? tableEntity(question.table) : AUDIT_LOG, others: [], context: {} };
    default:
      return question satisfies never;
  }
}

const AUDIT_LOG: EntityJson = { uid: { type: 'AuditLog', id: 'outport' }, attrs: {}, parents: [] };

const userUid = ({ issuer, subject }: Requester) => ({ type: 'User', id: `${issuer}|${subject}` });
const teamUid = (id: string) => ({ type: 'Team', id });
const tableUid = (id: string) => ({ type: 'Table', id });

const teamEntity = (team: string): EntityJson => ({ uid: teamUid(team), attrs: {}, parents: [] });

function userEntity(person: Requester): EntityJson {
  const { issuer, subject, teams } = person;
  return { uid: userUid(person), attrs: { issuer, subject }, parents: teams.map(teamUid) };
}

function tableEntity({ arn, partition, region, account, tableName }: TableArn): EntityJson {
  return { uid: tableUid(arn), attrs: { partition, region, account, name: tableName }, parents: [] };
}

function exportEntity({ id, tableArn, requestedBy }: ExportRecord): EntityJson {
  const teams = requestedBy?.teams.map((team) => ({ __entity: teamUid(team) })) ?? [];
  const requester = requestedBy && { requester: { __entity: userUid(requestedBy) } };
  return { uid: { type: 'Export', id }, attrs: { ...requester, teams }, parents: [tableUid(tableArn)] };
}

/** The policies of a folder by their `@id`, which is how decisions and the audit name them. */
function readPolicies(directory: string): Record<string, string> {
  const files = readdirSync(directory).filter((file) => file.endsWith('.cedar'));
  const policies: Record<string, string> = {};
  for (const file of files) {
    const parts = policySetTextToParts(readFileSync(path.join(directory, file), 'utf8'));
    if (parts.type === 'failure') throw new Error(`${file}: ${explain(parts.errors)}`);
    for (const text of parts.policies) {
      const id = policyIdOf(text, file);
      if (policies[id] !== undefined) throw new Error(`${file}: two policies have the id ${id}`);
      policies[id] = text;
    }
  }
  return policies;
}

function policyIdOf(text: string, file: string): string {
  const parsed = policyToJson(text);
  if (parsed.type === 'failure') throw new Error(`${file}: ${explain(parsed.errors)}`);
  const id = parsed.json.annotations?.id;
  if (!id) throw new Error(`${file}: a policy has no @id, by which the audit could name it`);
  return id;
}

const explain = (errors: readonly DetailedError[]): string =>
  errors.map(({ message, help }) => (help ? `${message} (${help})` : message)).join('; ');
