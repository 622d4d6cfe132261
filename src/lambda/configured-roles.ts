import type { ExportRole } from '../services/export-roles.ts';
import { JsonEntry } from './json-entries.ts';

const ACCOUNT = /^\d{12}$/;
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
/** STS's own rule. */
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;

/**
 * Reads which role is assumed where, and for whom.
 *
 * - `OUTPORT_EXPORT_ROLE`: the name of the role in every account; required.
 * - `OUTPORT_EXTERNAL_ID`: what its trust policy expects; none when empty.
 * - `OUTPORT_EXPORT_ROLES`: a JSON list of exceptions, `{account?, team?, role?, externalId?}`, of which the first that
 *   fits is used. The names of their roles begin with that of `OUTPORT_EXPORT_ROLE`, as Outport may assume no other.
 */
export function readRoles(env: NodeJS.ProcessEnv): readonly ExportRole[] {
  const role = env.OUTPORT_EXPORT_ROLE ?? '';
  if (!ROLE_NAME.test(role)) throw new Error('OUTPORT_EXPORT_ROLE must be the name of an IAM role');
  const externalId = env.OUTPORT_EXTERNAL_ID || null;
  if (externalId !== null && !EXTERNAL_ID.test(externalId)) {
    throw new Error('OUTPORT_EXTERNAL_ID must be 2 to 1,224 letters, digits or any of _+=,.@:/-');
  }
  const exceptions = JsonEntry.list('OUTPORT_EXPORT_ROLES', env.OUTPORT_EXPORT_ROLES || '[]', (entry) => ({
    account: entry.optionalText('account', 'be a 12-digit account id', (id) => ACCOUNT.test(id)),
    team: entry.optionalText('team', 'be the name of a team', Boolean),
    role:
      entry.optionalText('role', `be a role's name that begins with ${role}`, (name) => {
        return ROLE_NAME.test(name) && name.startsWith(role);
      }) ?? role,
    externalId:
      entry.optionalText('externalId', 'be an external id as STS takes it', (id) => EXTERNAL_ID.test(id)) ?? externalId,
  }));
  return [...exceptions, { account: null, team: null, role, externalId }];
}
