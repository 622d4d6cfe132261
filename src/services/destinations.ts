import type { Destination, Requester } from '../records/export-records.ts';
import type { TableArn } from './table-arn.ts';
import { type UserError, userError } from './user-errors.ts';

/** An entry of the allow-list of destinations. */
export interface AllowedDestination {
  /** Name of the bucket; null: any. */
  readonly bucket: string | null;
  /** The account that must own it; null: the account of the table. */
  readonly owner: string | null;
  /** The Region it must lie in; null: any. */
  readonly region: string | null;
  /** What a prefix must be or lie under; `{team}` stands for each of the person's teams. It ends in `/`; empty: any. */
  readonly prefix: string;
  readonly encryption: {
    readonly algorithm: 'AES256' | 'KMS';
    /** The keys to choose from, as they must be sent; empty: any of the algorithm's, and the default one. */
    readonly kmsKeyIds: readonly string[];
  } | null;
}

/** What applies unless it is configured otherwise: the buckets of the table's own account. */
export const OWN_BUCKETS: readonly AllowedDestination[] = [
  { bucket: null, owner: null, region: null, prefix: '', encryption: null },
];

interface AskedFor {
  readonly table: Pick<TableArn, 'account'>;
  readonly destination: Destination;
}

/** An entry as it reads for one person, and the team that the prefix is of. */
interface Offer extends AllowedDestination {
  readonly team: string | null;
}

export type DestinationCheck =
  | { readonly allowed: true; readonly region: string | null; readonly team: string | null }
  | { readonly allowed: false; readonly error: UserError };

/** Holds a destination against the allow-list. Texts are compared as they are: no case, encoding or form is adapted. */
export function checkDestination(
  allowList: readonly AllowedDestination[],
  person: Pick<Requester, 'teams'>,
  request: AskedFor,
): DestinationCheck {
  const offers = offersFor(allowList, person.teams);
  const fitting = offers.find((offer) => TESTS.every(({ fits }) => fits(offer, request)));
  if (fitting) return { allowed: true, region: fitting.region, team: fitting.team };
  return { allowed: false, error: refusal(offers, person.teams, request) };
}

/** Whose export it is: the team whose folder it goes to, else the first that the person's token names. */
export function actingTeam(
  allowList: readonly AllowedDestination[],
  person: Pick<Requester, 'teams'>,
  request: AskedFor,
): string | null {
  const check = checkDestination(allowList, person, request);
  return (check.allowed ? check.team : null) ?? person.teams[0] ?? null;
}

const TEAM = '{team}';

function offersFor(allowList: readonly AllowedDestination[], teams: readonly string[]): Offer[] {
  return allowList.flatMap((entry): Offer[] => {
    if (!entry.prefix.includes(TEAM)) return [{ ...entry, team: null }];
    return teams
      .filter(isFolderName)
      .map((team) => ({ ...entry, prefix: entry.prefix.replaceAll(TEAM, () => team), team }));
  });
}

/** A team's name comes from a token: one that reads as a path would lead into another team's folder. */
const isFolderName = (team: string): boolean =>
  team !== '' && team !== '.' && team !== '..' && !/[/\p{Cc}]/u.test(team);

interface Test {
  /** The field that is wrong when all tests before it hold. */
  readonly field: readonly string[];
  readonly fits: (offer: Offer, request: AskedFor) => boolean;
  readonly refused: (destination: Destination) => string;
}

const TESTS: readonly Test[] = [
  {
    field: ['bucket'],
    fits: ({ bucket }, { destination }) => bucket === null || bucket === destination.bucket,
    refused: ({ bucket }) => `the bucket "${bucket}" is not among your destinations`,
  },
  {
    field: ['bucketOwner'],
    fits: ({ owner }, { destination, table }) => (owner ?? table.account) === destination.bucketOwner,
    refused: ({ bucket, bucketOwner }) =>
      `the bucket "${bucket}" of account ${bucketOwner} is not among your destinations`,
  },
  {
    field: ['prefix'],
    fits: ({ prefix }, { destination }) => prefix === '' || `${withoutSlash(destination.prefix)}/`.startsWith(prefix),
    refused: ({ bucket, prefix }) => `the prefix "${prefix ?? ''}" in "${bucket}" is not among your destinations`,
  },
  {
    field: ['encryption'],
    fits: ({ encryption: required }, { destination: { encryption } }) =>
      required === null ||
      (required.algorithm === encryption.algorithm &&
        (required.kmsKeyIds.length === 0 || required.kmsKeyIds.includes(encryption.kmsKeyId ?? ''))),
    refused: ({ bucket, encryption: { algorithm, kmsKeyId } }) =>
      `the encryption ${algorithm}${kmsKeyId === null ? '' : ` with key "${kmsKeyId}"`} is not allowed in "${bucket}"`,
  },
];

/** DynamoDB writes below `<prefix>/`, whether or not the prefix was sent with the slash. */
const withoutSlash = (prefix: string | null): string => (prefix ?? '').replace(/\/$/, '');

/** Explains by the entry that comes closest: the one that fits in the most fields, in their order. */
function refusal(offers: readonly Offer[], teams: readonly string[], request: AskedFor): UserError {
  const firstMisfits = offers.map((offer) => TESTS.findIndex(({ fits }) => !fits(offer, request)));
  const test = TESTS[Math.max(0, ...firstMisfits)];
  if (!test) throw new Error('a destination that fits was refused');
  const message = `Exports may not be written there: ${test.refused(request.destination)}.`;
  const error = userError('DESTINATION_NOT_ALLOWED', message, ['input', 'destination', ...test.field]);
  return { ...error, remedy: remedyFor(offers, teams, request.table.account) };
}

const DESCRIBED_MAX = 5;

function remedyFor(offers: readonly Offer[], teams: readonly string[], tableAccount: string): string {
  if (offers.length === 0) {
    const whose = teams.length === 0 ? 'somebody without a team' : `the teams ${teams.join(', ')}`;
    return `No destination is configured for ${whose}. Ask the platform team for one.`;
  }
  const described = offers.slice(0, DESCRIBED_MAX).map((offer) => describe(offer, tableAccount));
  const more = offers.length > DESCRIBED_MAX ? `; and ${offers.length - DESCRIBED_MAX} more` : '';
  return `Send a destination that you may use: ${described.join('; ')}${more}.`;
}

function describe({ bucket, owner, region, prefix, encryption }: Offer, tableAccount: string): string {
  const parts = [`${bucket === null ? 'any bucket' : `bucket "${bucket}"`} of account ${owner ?? tableAccount}`];
  if (region !== null) parts.push(`in ${region}`);
  if (prefix !== '') parts.push(`under prefix "${prefix}"`);
  if (encryption !== null) parts.push(`encrypted with ${[encryption.algorithm, ...encryption.kmsKeyIds].join(' ')}`);
  return parts.join(', ');
}
