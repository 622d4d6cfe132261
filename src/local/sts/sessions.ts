import { randomBytes } from 'node:crypto';
import type { ClassicLevel } from 'classic-level';
import type { IssuedSession, IssuedSessions } from '../aws/accounts.ts';
import type { Caller } from '../aws/service.ts';
import { base32 } from './base32.ts';

/** What else a role session was asked for with. Kept with the session, and decides nothing. */
export interface SessionTerms {
  readonly policyArns?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly externalId?: string;
}

/** A role session that may begin, before it has credentials. */
export interface RoleSession {
  readonly caller: Omit<Caller, 'accessKeyId'>;
  readonly expiresAtMs: number;
  readonly terms: SessionTerms;
}

type StoredSession = IssuedSession & RoleSession;

/** An expired session is remembered for a day, so that its user reads ExpiredToken rather than of an unknown key. */
const REMEMBERED_MS = 24 * 3600_000;
const SESSION_TOKEN_BYTES = 192;

/** The temporary credentials that were issued, durable until they expire. */
export class Sessions implements IssuedSessions {
  readonly #database;
  readonly #level;

  constructor(database: ClassicLevel<string, string>) {
    this.#database = database;
    this.#level = database.sublevel<string, StoredSession>('sts', { valueEncoding: 'json' });
  }

  async find(accessKeyId: string): Promise<IssuedSession | undefined> {
    return this.#level.get(accessKeyId);
  }

  /** Gives a session its credentials, durable when the promise resolves. */
  async issue(session: RoleSession): Promise<IssuedSession> {
    const accessKeyId = `ASIA${base32(randomBytes(10))}`;
    const issued: StoredSession = {
      ...session,
      caller: { ...session.caller, accessKeyId },
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(SESSION_TOKEN_BYTES).toString('base64'),
    };
    await this.#database.batch([{ type: 'put', sublevel: this.#level, key: accessKeyId, value: issued }], {
      sync: true,
    });
    return issued;
  }

  /** Forgets sessions that expired more than a day ago. */
  async sweep(nowMs: number): Promise<void> {
    for await (const [accessKeyId, { expiresAtMs }] of this.#level.iterator()) {
      if (expiresAtMs + REMEMBERED_MS <= nowMs) await this.#level.del(accessKeyId);
    }
  }
}
