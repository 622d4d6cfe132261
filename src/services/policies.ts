import './webassembly-flags.ts';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DetailedError, policySetTextToParts, policyToJson, validate } from '@cedar-policy/cedar-wasm/nodejs';

const SCHEMA_FILE = 'outport.cedarschema';
const VALIDATED_FILE = 'validated.json';

/** A Cedar schema and the policies that fit it. */
export interface Policies {
  readonly schema: string;
  /** Texts by `@id`, which is how decisions and the audit name them. */
  readonly staticPolicies: Record<string, string>;
}

/** What the build leaves beside policies. */
interface Validated {
  /** Of the files that were validated. */
  readonly digest: string;
  readonly policies: Policies;
}

/**
 * The schema and policies of a folder. Those that are as the build has validated them are not validated again: that took a
 * third of the time in which a function starts.
 * @throws Error naming the policy and the reason when one does not fit the schema
 */
export function policiesOf(directory: string): Policies {
  if (!readdirSync(directory).includes(VALIDATED_FILE)) return readPolicies(directory);
  const validated: Validated = JSON.parse(readFileSync(path.join(directory, VALIDATED_FILE), 'utf8'));
  return validated.digest === digestOf(directory) ? validated.policies : readPolicies(directory);
}

/**
 * Validates the schema and policies of a folder, and says so in it.
 * @throws Error naming the policy and the reason when one does not fit the schema
 */
export function validatePolicies(directory: string): void {
  const validated: Validated = { digest: digestOf(directory), policies: readPolicies(directory) };
  writeFileSync(path.join(directory, VALIDATED_FILE), JSON.stringify(validated));
}

function digestOf(directory: string): string {
  const hash = createHash('sha256');
  for (const file of [SCHEMA_FILE, ...policyFilesIn(directory)]) {
    const text = readFileSync(path.join(directory, file), 'utf8');
    hash.update(JSON.stringify([file, text]));
  }
  return hash.digest('hex');
}

/**
 * Reads the schema and every `*.cedar` file of a folder, and validates them.
 * @throws Error naming the policy and the reason when one does not fit the schema
 */
function readPolicies(directory: string): Policies {
  const schema = readFileSync(path.join(directory, SCHEMA_FILE), 'utf8');
  const staticPolicies = readPolicyFiles(directory);
  const validation = validate({ schema, policies: { staticPolicies } });
  if (validation.type === 'failure') throw new Error(`policies: ${explain(validation.errors)}`);
  const [invalid] = validation.validationErrors;
  if (invalid) throw new Error(`policy ${invalid.policyId}: ${explain([invalid.error])}`);
  return { schema, staticPolicies };
}

const policyFilesIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith('.cedar'))
    .sort();

function readPolicyFiles(directory: string): Record<string, string> {
  const policies: Record<string, string> = {};
  for (const file of policyFilesIn(directory)) {
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

/** Cedar's errors in one line. */
export const explain = (errors: readonly DetailedError[]): string =>
  errors.map(({ message, help }) => (help ? `${message} (${help})` : message)).join('; ');
