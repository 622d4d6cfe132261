import { ALGORITHMS, type Issuer } from '../services/authenticate.ts';
import { isTrustworthyAddress } from '../services/issuer-keys.ts';
import { JsonEntry } from './json-entries.ts';

const DEFAULT_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

/**
 * Reads `OUTPORT_ISSUERS`: a JSON list of `{issuer, audience, subjectClaim?, nameClaim?, teamsClaim?, teamPrefix?,
 * algorithms?}`. `audience` and `algorithms` may be lists; claims default to `sub`, `name` and `teams`. With several
 * issuers each has a `teamPrefix` of its own, of which one may be left out.
 */
export function readIssuers(text: string): readonly Issuer[] {
  const issuers = JsonEntry.list('OUTPORT_ISSUERS', text, (entry) => {
    const claim = (field: string) => entry.optionalText(field, 'be the name of a claim', Boolean);
    return {
      issuer: entry.text('issuer', 'be an https address', isTrustworthyAddress),
      audiences: entry.texts('audience', 'be a text or a list of texts', Boolean),
      subjectClaim: claim('subjectClaim') ?? 'sub',
      nameClaim: claim('nameClaim') ?? 'name',
      teamsClaim: claim('teamsClaim') ?? 'teams',
      teamPrefix: entry.optionalText('teamPrefix', 'be a text without /', (prefix) => /^[^/]+$/.test(prefix)) ?? '',
      algorithms: entry.has('algorithms')
        ? entry.texts('algorithms', `be of ${ALGORITHMS.join(', ')}`, (name) => ALGORITHMS.includes(name))
        : DEFAULT_ALGORITHMS,
    };
  });
  refuseRepeated('issuer', issuers);
  refuseRepeated('teamPrefix', issuers);
  return issuers;
}

function refuseRepeated(field: 'issuer' | 'teamPrefix', issuers: readonly Issuer[]): void {
  if (new Set(issuers.map((issuer) => issuer[field])).size === issuers.length) return;
  throw new Error(`OUTPORT_ISSUERS: every entry must have another ${field}`);
}
