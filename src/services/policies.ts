import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type DetailedError, policySetTextToParts, policyToJson, validate } from '@cedar-policy/cedar-wasm/nodejs';

const SCHEMA_FILE = 'outport.cedarschema';

/** A Cedar schema and the policies that fit it. */
export interface Policies {
  readonly schema: string;
  /** Texts by `@id`, which is how decisions and the audit name them. */
  readonly staticPolicies: Record<string, string>;
}

/**
 * Reads the schema and every `*.cedar` file of a folder, and validates them: the build does, and every function that starts.
 * @throws Error naming the policy and the reason when one does not fit the schema
 */
export function readPolicies(directory: string): Policies {
  const schema = readFileSync(path.join(directory, SCHEMA_FILE), 'utf8');
  const staticPolicies = readPolicyFiles(directory);
  const validation = validate({ schema, policies: { staticPolicies } });
  if (validation.type === 'failure') throw new Error(`policies: ${explain(validation.errors)}`);
  const [invalid] = validation.validationErrors;
  if (invalid) throw new Error(`policy ${invalid.policyId}: ${explain([invalid.error])}`);
  return { schema, staticPolicies };
}

function readPolicyFiles(directory: string): Record<string, string> {
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

/** Cedar's errors in one line. */
export const explain = (errors: readonly DetailedError[]): string =>
  errors.map(({ message, help }) => (help ? `${message} (${help})` : message)).join('; ');
