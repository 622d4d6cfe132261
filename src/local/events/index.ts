import { randomUUID } from 'node:crypto';
import { readBody } from '../aws/body.ts';
import type { AwsCall, AwsReply, AwsService, CallEvent } from '../aws/service.ts';

/** A bus keeps nothing; this many events, the newest, can be looked at. */
const RECENT_MAX = 1_000;
/** Of one PutEvents, as in AWS. */
const ENTRIES_MAX = 10;

/** An event as EventBridge hands it to the targets of rules. */
interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface Events extends AwsService {
  /** The newest events, oldest first; none from before the process started. */
  recent(): readonly BusEvent[];
}

/** The embedded EventBridge: PutEvents, for buses without rules. */
export function openEvents({ now = Date.now }: { readonly now?: () => number } = {}): Events {
  const recent: BusEvent[] = [];

  function put(entry: unknown, call: AwsCall) {
    const { Source, DetailType, Detail, Time, Resources }: Readonly<Record<string, unknown>> = Object(entry);
    for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
      if (typeof value === 'string' && value !== '') continue;
      const ErrorMessage = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
      return { ErrorCode: 'InvalidArgument', ErrorMessage };
    }
    const detail = parseObject(String(Detail));
    if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const id = randomUUID();
    recent.push({
      version: '0',
      id,
      'detail-type': String(DetailType),
      source: String(Source),
      account: call.caller.accountId,
      time: new Date(typeof Time === 'number' ? Time * 1000 : now()).toISOString(),
      region: call.region,
      resources: Array.isArray(Resources) ? Resources.map(String) : [],
      detail,
    });
    if (recent.length > RECENT_MAX) recent.shift();
    return { EventId: id };
  }

  return {
    eventSource: 'events.amazonaws.com',
    recent: () => recent,
    async handle(call) {
      const target = call.headers['x-amz-target'] ?? '';
      const event = { eventName: target.split('.').pop() || 'Unknown', readOnly: false, managementEvent: false };
      if (target !== 'AWSEvents.PutEvents') {
        return refuse('UnknownOperationException', `This EventBridge serves PutEvents, not ${event.eventName}.`, event);
      }
      const { Entries } = parseObject((await readBody(call)).toString()) ?? {};
      if (!Array.isArray(Entries) || Entries.length === 0 || Entries.length > ENTRIES_MAX) {
        return refuse('ValidationException', `Entries must have 1 to ${ENTRIES_MAX} members.`, event);
      }
      const answers = Entries.map((entry) => put(entry, call));
      const FailedEntryCount = answers.filter(({ EventId }) => EventId === undefined).length;
      return reply(200, { FailedEntryCount, Entries: answers }, event);
    },
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

const refuse = (code: string, message: string, event: CallEvent): AwsReply =>
  reply(400, { __type: code, message }, { ...event, errorCode: code, errorMessage: message });

const reply = (status: number, body: unknown, event: CallEvent): AwsReply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
  event,
});
