import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';
import { type IssuerKeys as KeyRecord, readIssuerKeys, storeIssuerKeys } from '../records/issuer-keys.ts';
import type { RecordsTable } from '../records/table.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** How long keys are taken for the issuer's present ones: a key that it withdraws is trusted no longer than this. */
export const KEYS_FRESH_MS = 10 * MINUTE_MS;
/** How long keys are used while the issuer cannot be reached: an outage of up to a day stops nobody. */
export const KEYS_USABLE_MS = 24 * 60 * MINUTE_MS;
/** An issuer is asked no more often than this, whatever tokens come: forged key ids must not become a flood of requests. */
export const ASK_AGAIN_MS = 30 * SECOND_MS;
const ISSUER_TIMEOUT_MS = 5 * SECOND_MS;

/** The issuer cannot be reached and no usable keys of it are known: nobody can tell whether a token of it is genuine. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';

  constructor(
    readonly issuer: string,
    cause: unknown,
  ) {
    super(`issuer ${issuer} cannot be reached`, { cause });
  }
}

/** Selects the key that a token names, of the keys that an issuer had at some time. */
export type SelectKey = (header?: JWSHeaderParameters, token?: FlattenedJWSInput) => Promise<CryptoKey>;

interface KnownKeys {
  readonly select: SelectKey;
  readonly fetchedAtMs: number;
}

/**
 * The keys of one issuer, found by OpenID Connect discovery. They are kept in this process and in the records table, as
 * a process that starts during an outage has nothing else to go by.
 */
export class IssuerKeys {
  readonly #table: RecordsTable;
  readonly #issuer: string;
  #known: KnownKeys | null = null;
  /** The last time the issuer was asked, and why that failed if it did. */
  #asked: { readonly atMs: number; readonly failure: unknown } | null = null;
  #asking: Promise<void> | null = null;

  constructor(table: RecordsTable, issuer: string) {
    this.#table = table;
    this.#issuer = issuer;
  }

  /**
   * The issuer's keys as they are known, asked for anew when they are old: as long as nothing has changed, the same.
   * @throws IssuerUnavailable
   */
  async present(nowMs: number): Promise<SelectKey> {
    return (await this.#usableKeys(nowMs)).select;
  }

  /**
   * The key that a token names.
   * @throws IssuerUnavailable, or jose's error when the issuer has no such key or several
   */
  async select(header: JWSHeaderParameters, token: FlattenedJWSInput, nowMs: number): Promise<CryptoKey> {
    const { select } = await this.#usableKeys(nowMs);
    try {
      return await select(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // Perhaps it is new.
      await this.#ask(nowMs);
      if (this.#asked?.failure) throw new IssuerUnavailable(this.#issuer, this.#asked.failure);
      return (await this.#usableKeys(nowMs)).select(header, token);
    }
  }

  async #usableKeys(nowMs: number): Promise<KnownKeys> {
    if (this.#known === null) {
      const stored = knownKeysOf(await readIssuerKeys(this.#table, this.#issuer));
      // While this was read, another request may have been given keys by the issuer.
      this.#known ??= stored;
    }
    if (!isYounger(this.#known, KEYS_FRESH_MS, nowMs)) await this.#ask(nowMs);
    const known = this.#known;
    if (!isYounger(known, KEYS_USABLE_MS, nowMs)) throw new IssuerUnavailable(this.#issuer, this.#asked?.failure);
    return known;
  }

  /** Asks the issuer for its keys, unless it was asked a moment ago. Keeps those it knows when there is no answer. */
  async #ask(nowMs: number): Promise<void> {
    if (this.#asked !== null && nowMs - this.#asked.atMs < ASK_AGAIN_MS) return this.#asking ?? undefined;
    this.#asked = { atMs: nowMs, failure: null };
    this.#asking = this.#fetch(nowMs).catch((failure: unknown) => {
      this.#asked = { atMs: nowMs, failure };
    });
    await this.#asking;
    this.#asking = null;
  }

  async #fetch(nowMs: number): Promise<void> {
    const jwks = await fetchKeys(this.#issuer);
    const record = { jwks, fetchedAt: new Date(nowMs).toISOString() };
    this.#known = knownKeysOf(record);
    await storeIssuerKeys(this.#table, this.#issuer, record, new Date(nowMs + KEYS_USABLE_MS));
  }
}

const knownKeysOf = (record: KeyRecord | null): KnownKeys | null =>
  record && { select: createLocalJWKSet(record.jwks), fetchedAtMs: Date.parse(record.fetchedAt) };

const isYounger = (known: KnownKeys | null, ageMs: number, nowMs: number): known is KnownKeys =>
  known !== null && nowMs - known.fetchedAtMs < ageMs;

async function fetchKeys(issuer: string): Promise<JSONWebKeySet> {
  const metadata = await fetchJson(issuer, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (metadata.issuer !== issuer) throw new Error(`issuer ${issuer}: discovery is of ${String(metadata.issuer)}`);
  const { jwks_uri: address } = metadata;
  if (typeof address !== 'string' || !isTrustworthyAddress(address)) {
    throw new Error(`issuer ${issuer}: ${String(address)} is no address that keys can be trusted from`);
  }
  const { keys } = await fetchJson(issuer, address);
  if (!Array.isArray(keys)) throw new Error(`issuer ${issuer}: ${address} lists no keys`);
  return { keys };
}

/** Who can change an answer on its way can make tokens: HTTPS, or nothing that leaves the machine. */
export function isTrustworthyAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname));
}

async function fetchJson(issuer: string, address: string): Promise<Record<string, unknown>> {
  const response = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`issuer ${issuer}: ${address} answered ${response.status}`);
  const value: unknown = await response.json();
  if (typeof value !== 'object' || value === null) throw new Error(`issuer ${issuer}: ${address} is no JSON object`);
  return { ...value };
}
