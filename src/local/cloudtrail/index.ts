import { randomUUID } from 'node:crypto';
import type { ClassicLevel } from 'classic-level';
import { readBody } from '../aws/body.ts';
import { inLowerCamelCase } from '../aws/lower-camel-case.ts';
import type { CallRecorder } from '../aws/recorder.ts';
import type { AwsCall, AwsReply, AwsService, CallEvent } from '../aws/service.ts';
import { refusalBySession } from '../aws/session-policy.ts';
import { sweepHourly } from '../aws/sweeper.ts';
import { EventStore } from './event-store.ts';
import { CloudTrailError, lookupReply, parseLookup, RETENTION_MS } from './lookup-events.ts';
import { recordOf } from './record.ts';

export interface CloudTrailOptions {
  readonly database: ClassicLevel<string, string>;
  readonly now?: () => number;
}

export interface CloudTrail extends AwsService {
  readonly recorder: CallRecorder;
  close(): Promise<void>;
}

/** botocore writes the namespace in front, the JavaScript SDK does not. */
const LOOKUP_EVENTS = /^(?:com\.amazonaws\.cloudtrail\.v20131101\.)?CloudTrail_20131101\.LookupEvents$/;

/** The embedded CloudTrail: the event history of every call that the endpoint served, and LookupEvents on it. */
export function openCloudTrail({ database, now = Date.now }: CloudTrailOptions): CloudTrail {
  const events = new EventStore(database);
  const sweeper = sweepHourly(() => events.sweep(now() - RETENTION_MS));

  async function lookUp(input: Readonly<Record<string, unknown>>, call: AwsCall) {
    const { lookup, parametersDigest } = parseLookup(input, call, now());
    return lookupReply(lookup ? await events.lookup(lookup) : { records: [] }, parametersDigest);
  }

  return {
    eventSource: 'cloudtrail.amazonaws.com',
    recorder: {
      record: (call) => events.append(recordOf(call, randomUUID()), call.timeMs),
    },
    async handle(call) {
      const target = call.headers['x-amz-target'] ?? '';
      const eventName = target.split('.').pop() || 'Unknown';
      let event: CallEvent = {
        eventName,
        readOnly: /^(?:Lookup|Get|List|Describe)/.test(eventName),
        managementEvent: true,
      };
      try {
        const input = parseInput((await readBody(call)).toString());
        event = { ...event, requestParameters: inLowerCamelCase(input) };
        if (!LOOKUP_EVENTS.test(target)) {
          throw new CloudTrailError(
            'UnknownOperationException',
            `This CloudTrail serves LookupEvents, not ${eventName}.`,
          );
        }
        const refusal = refusalBySession(call.caller, 'cloudtrail:LookupEvents', '*');
        if (refusal !== null) throw new CloudTrailError('AccessDeniedException', refusal);
        return reply(200, await lookUp(input, call), event);
      } catch (error) {
        if (!(error instanceof CloudTrailError)) throw error;
        const { code, message } = error;
        return reply(400, { __type: code, message }, { ...event, errorCode: code, errorMessage: message });
      }
    },
    async close() {
      await sweeper.close();
      await events.settle();
    },
  };
}

function parseInput(text: string): Readonly<Record<string, unknown>> {
  let input: unknown;
  try {
    input = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new CloudTrailError('SerializationException', 'The request is not valid JSON.');
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new CloudTrailError('SerializationException', 'The request must be a JSON object.');
  }
  return { ...input };
}

const reply = (status: number, body: unknown, event: CallEvent): AwsReply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
  event,
});
