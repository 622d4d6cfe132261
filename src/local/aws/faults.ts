import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './refusal.ts';
import { isServiceName, type ServiceName } from './wire.ts';

/** What goes wrong with some calls, so that one can see what becomes of their callers. */
export interface Fault {
  /** Of this service only, if given. */
  readonly service?: ServiceName;
  /** Of this name only, if given, such as `DescribeExport`; of S3, as CloudTrail calls it. */
  readonly operation?: string;
  /** The call waits for so many milliseconds first. */
  readonly delayMs?: number;
  /** And is refused like this; otherwise it is answered. */
  readonly refusal?: FaultRefusal;
  /** The share of such calls that it happens to, 0 to 1; all of them if it is not given. */
  readonly share?: number;
}

const REFUSALS = ['Throttled', 'Unavailable'] as const;
type FaultRefusal = (typeof REFUSALS)[number];

/** The faults file makes no sense. The message says what is wrong with it. */
export class FaultsFileError extends Error {
  override readonly name = 'FaultsFileError';
}

/** Faults by a file that holds a JSON list of them. It is read for every call, so it may change; without one all is well. */
export class Faults {
  readonly #file: string;

  /** @throws FaultsFileError */
  constructor(file: string) {
    this.#file = file;
    this.#read();
  }

  /** Has a call meet the first fault that is meant for it. Throws a `Refusal` if that refuses it. */
  async meet(service: ServiceName, operation: string): Promise<void> {
    const fault = this.#read().find(
      (each) =>
        (each.service ?? service) === service &&
        (each.operation ?? operation) === operation &&
        Math.random() < (each.share ?? 1),
    );
    if (fault?.delayMs) await sleep(fault.delayMs);
    if (fault?.refusal) throw new Refusal(fault.refusal);
  }

  #read(): readonly Fault[] {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
    // Whoever writes a file anew empties it first, and a call may come between the two.
    return text === '' ? [] : faultsOf(text, this.#file);
  }
}

function faultsOf(text: string, file: string): Fault[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new FaultsFileError(`The faults file ${file} is not JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
  if (!Array.isArray(parsed)) throw new FaultsFileError(`The faults file ${file} is not a list.`);
  return parsed.map((each) => {
    const wrong = whatIsWrongWith(each);
    if (wrong) throw new FaultsFileError(`The faults file ${file}: ${wrong} in ${JSON.stringify(each)}.`);
    return each;
  });
}

function whatIsWrongWith(fault: unknown): string | undefined {
  if (typeof fault !== 'object' || fault === null) return 'no object';
  const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
    service: (value) => typeof value === 'string' && isServiceName(value),
    operation: (value) => typeof value === 'string',
    delayMs: (value) => Number.isInteger(value) && Number(value) >= 0,
    refusal: (value) => REFUSALS.some((refusal) => refusal === value),
    share: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  };
  const wrong = Object.entries(fault).find(([name, value]) => !checks[name]?.(value));
  return wrong && `${wrong[0]} may not be ${JSON.stringify(wrong[1])}`;
}
