import type { Requester } from '../records/export-records.ts';
import { countRequests } from '../records/request-counts.ts';
import { recordRefusedRequest } from './audit.ts';
import type { Unauthenticated } from './authenticate.ts';
import type { Outport } from './outport.ts';
import type { RequestOrigin } from './principal.ts';
import { minuteOf } from './request-rate.ts';

/** A request that was refused before it was read: nobody vouches for who sent it, or its person has sent too many. */
export interface RefusedRequest {
  readonly code: Unauthenticated['code'] | 'RATE_LIMITED';
  /** Safe to show. */
  readonly message: string;
  /** Null when nobody knows who it was. */
  readonly person: Requester | null;
}

/** Of each code, over all processes: a flood adds some 20,000 records a day to the audit, whatever its size. */
const RECORDS_PER_MINUTE_MAX = 5;

/**
 * Records requests that were refused at the door, within bounds, as anybody can send them: of each code, one a minute
 * of an address or person, and `RECORDS_PER_MINUTE_MAX` a minute altogether. A process asks the table no more often
 * than it may record, so that a flood costs no writes either. What was left out is counted in the next record.
 */
export class RefusedRequests {
  readonly #outport: Outport;
  #minute = 0;
  /** Whom this process has tried to record in this minute, by code. */
  readonly #tried = new Map<RefusedRequest['code'], Set<string>>();
  /** How many it has not recorded since the last one that it has. */
  readonly #leftOut = new Map<RefusedRequest['code'], number>();

  constructor(outport: Outport) {
    this.#outport = outport;
  }

  async record(refused: RefusedRequest, origin: RequestOrigin): Promise<void> {
    const { code, message, person } = refused;
    const who = person ? `${person.issuer}|${person.subject}` : origin.sourceIpAddress;
    const mayRecord = await this.#mayRecord(code, who);
    const leftOut = this.#leftOut.get(code) ?? 0;
    this.#leftOut.set(code, mayRecord ? 0 : leftOut + 1);
    if (!mayRecord) return;
    const others = leftOut === 0 ? '' : ` ${leftOut} like it came before and were not recorded.`;
    await recordRefusedRequest(this.#outport, { ...refused, message: `${message}${others}`, origin });
  }

  async #mayRecord(code: RefusedRequest['code'], who: string): Promise<boolean> {
    const minute = minuteOf(this.#outport.now());
    if (this.#minute !== minute.startSeconds) this.#tried.clear();
    this.#minute = minute.startSeconds;
    const tried = this.#tried.get(code) ?? new Set();
    this.#tried.set(code, tried);
    if (tried.has(who) || tried.size === RECORDS_PER_MINUTE_MAX) return false;
    tried.add(who);
    const count = (what: string, max: number) => countRequests(this.#outport.table, what, minute, max);
    return (await count(`${code}|${who}`, 1)) && (await count(code, RECORDS_PER_MINUTE_MAX));
  }
}
