import { randomUUID } from 'node:crypto';
import type { ScheduledEvent } from 'aws-lambda';
import type { InvocationTarget } from './invocation.ts';

export interface ScheduleOptions {
  readonly target: InvocationTarget;
  readonly periodMs: number;
  readonly accountId: string;
  readonly region: string;
}

/**
 * An EventBridge rule with a rate: invokes a function at the start and then every period. A beat that would overlap
 * the one before is left out: what runs on a schedule looks at everything, so the next beat makes up for it.
 */
export class Schedule {
  readonly #options: ScheduleOptions;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#beat(), this.#options.periodMs);
    void this.#beat();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    await this.#options.target.invoke(scheduledEvent(this.#options, new Date()));
    this.#busy = false;
  }
}

/** The event of an EventBridge rule with a rate. */
function scheduledEvent({ target, accountId, region }: ScheduleOptions, now: Date): ScheduledEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: accountId,
    time: `${now.toISOString().slice(0, 19)}Z`,
    region,
    resources: [`arn:aws:events:${region}:${accountId}:rule/${target.name}`],
    detail: {},
  };
}
