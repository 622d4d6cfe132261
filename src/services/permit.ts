import './webassembly-flags.ts';
import {
  type Context,
  type EntityJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { ExportRecord, Requester } from '../records/export-records.ts';
import type { AccountRegion } from '../records/ledger.ts';
import type { ScheduleRecord } from '../records/schedule-records.ts';
import type { ExportRequest } from './export-request.ts';
import { explain, type Policies, policiesOf } from './policies.ts';
import { RecentlyUsed } from './recently-used.ts';
import { parseTableArn, type TableArn, tableOf } from './table-arn.ts';

export interface Decision {
  readonly allowed: boolean;
  /** The policies that decided, by their `@id`. */
  readonly policyIds: readonly string[];
}

/** What is done to an export that exists. */
export type ExportAction = 'ViewExport' | 'CancelExport' | 'RetryExport' | 'VerifyExport' | 'ReadExportData';

/** What a person may ask about. */
type PermitQuestion =
  | { readonly action: 'ExportTable'; readonly request: ExportRequest }
  | { readonly action: ExportAction; readonly record: ExportRecord }
  /** `table` null: events that are about no table. */
  | { readonly action: 'ViewAudit'; readonly table: TableArn | null }
  | { readonly action: 'ViewTable' | 'CreateSchedule'; readonly table: TableArn }
  | { readonly action: 'ViewSchedule' | 'ManageSchedule'; readonly schedule: ScheduleRecord }
  | { readonly action: 'ListTables' | 'ViewLimits' | 'ViewOwnQuotas'; readonly scope: AccountRegion };

/** Decides by Cedar's rules: default deny, forbid wins. */
export type Permit = (person: Requester, question: PermitQuestion) => Decision;

/** Decisions that are remembered, about a kilobyte each. */
const DECISIONS_MAX = 2_000;

/** How many sets of policies Cedar has been given: it keeps what it has parsed by name, a process usually one of each. */
let parsedSets = 0;

/**
 * Takes the schema and the policies of a folder, once a process. Cedar parses them at the first decision: that takes a
 * tenth of a start, and not every process that starts has something to decide.
 *
 * What has been decided is remembered: a decision follows from the policies, which stay the same for as long as the process
 * lives, and from what Cedar is asked, down to the last attribute, and from nothing else. It takes Cedar 0.2 ms.
 * @throws Error naming the policy and the reason when one does not fit the schema
 */
export function createPermit(directory: string): Permit {
  const policies = policiesOf(directory);
  const decisions = new RecentlyUsed<Decision>(DECISIONS_MAX);
  let parsed: string | undefined;
  return (person, question) => {
    const request = requestOf(person, question);
    const key = JSON.stringify(request);
    const known = decisions.get(key);
    if (known) return known;
    parsed ??= parse(policies);
    const decision = decide(parsed, request);
    decisions.set(key, decision);
    return decision;
  };
}

/** @returns the name that Cedar keeps them by */
function parse({ schema, staticPolicies }: Policies): string {
  parsedSets += 1;
  const name = `outport-${parsedSets}`;
  for (const answer of [preparseSchema(name, schema), preparsePolicySet(name, { staticPolicies })]) {
    if (answer.type === 'failure') throw new Error(`policies: ${explain(answer.errors)}`);
  }
  return name;
}

/** All that Cedar is told. */
function requestOf(person: Requester, question: PermitQuestion) {
  const user = userEntity(person);
  const { resource, others, context } = describe(question);
  return {
    principal: user.uid,
    action: { type: 'Action', id: question.action },
    resource: resource.uid,
    context,
    // Teams have nothing but their names: that they are the person's is all there is to know.
    entities: [user, resource, ...others],
  };
}

function decide(parsed: string, request: ReturnType<typeof requestOf>): Decision {
  const answer = statefulIsAuthorized({
    ...request,
    preparsedSchemaName: parsed,
    preparsedPolicySetId: parsed,
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
      const { table, destination, exportType, exportFormat, exportTime, incrementalExport, filter } = question.request;
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
        exportFormat,
        ...timeEntry('exportTime', exportTime),
        ...timeEntry('exportFromTime', incrementalExport?.exportFromTime),
        ...timeEntry('exportToTime', incrementalExport?.exportToTime),
        filtered: filter !== null,
      };
      return { resource: tableEntity(table), others: [], context };
    }
    case 'ViewExport':
    case 'CancelExport':
    case 'RetryExport':
    case 'VerifyExport':
    case 'ReadExportData': {
      const { record } = question;
      const table = parseTableArn(record.tableArn);
      if (!table) throw new Error(`export ${record.id} has no table: ${record.tableArn}`);
      return { resource: exportEntity(record), others: [tableEntity(table)], context: {} };
    }
    case 'ViewAudit':
      return { resource: question.table ? tableEntity(question.table) : AUDIT_LOG, others: [], context: {} };
    case 'ViewSchedule':
    case 'ManageSchedule': {
      const { schedule } = question;
      return { resource: scheduleEntity(schedule), others: [tableEntity(tableOf(schedule))], context: {} };
    }
    case 'ViewTable':
    case 'CreateSchedule':
      return { resource: tableEntity(question.table), others: [], context: {} };
    case 'ListTables':
    case 'ViewLimits':
    case 'ViewOwnQuotas':
      return { resource: accountRegionEntity(question.scope), others: [], context: {} };
    default:
      return question satisfies never;
  }
}

/** A time as Cedar's extension takes it, or nothing. */
const timeEntry = (name: string, time: string | null | undefined): Context =>
  time ? { [name]: { __extn: { fn: 'datetime', arg: time } } } : {};

const AUDIT_LOG: EntityJson = { uid: { type: 'AuditLog', id: 'outport' }, attrs: {}, parents: [] };

const userUid = ({ issuer, subject }: Requester) => ({ type: 'User', id: `${issuer}|${subject}` });
const teamUid = (id: string) => ({ type: 'Team', id });
const tableUid = (id: string) => ({ type: 'Table', id });

function userEntity(person: Requester): EntityJson {
  const { issuer, subject, teams } = person;
  return { uid: userUid(person), attrs: { issuer, subject }, parents: teams.map(teamUid) };
}

function tableEntity({ arn, partition, region, account, tableName }: TableArn): EntityJson {
  return { uid: tableUid(arn), attrs: { partition, region, account, name: tableName }, parents: [] };
}

function accountRegionEntity({ account, region }: AccountRegion): EntityJson {
  return { uid: { type: 'AccountRegion', id: `${account} ${region}` }, attrs: { account, region }, parents: [] };
}

function scheduleEntity({ id, tableArn, requestedBy }: ScheduleRecord): EntityJson {
  const teams = requestedBy.teams.map((team) => ({ __entity: teamUid(team) }));
  const attrs = { requester: { __entity: userUid(requestedBy) }, teams };
  return { uid: { type: 'Schedule', id }, attrs, parents: [tableUid(tableArn)] };
}

function exportEntity({ id, tableArn, requestedBy }: ExportRecord): EntityJson {
  const teams = requestedBy?.teams.map((team) => ({ __entity: teamUid(team) })) ?? [];
  const requester = requestedBy && { requester: { __entity: userUid(requestedBy) } };
  return { uid: { type: 'Export', id }, attrs: { ...requester, teams }, parents: [tableUid(tableArn)] };
}
