import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { accountOfKey, DEFAULT_ACCOUNT_ID, type IssuedSessions, identify } from './accounts.ts';
import { collect } from './body.ts';
import { readSignatureClaims, type SignatureClaims } from './credentials.ts';
import { protocolOf, serviceOf, unsignedServiceOf } from './dispatch.ts';
import type { Faults } from './faults.ts';
import { operationOf } from './operation.ts';
import type { CallRecorder, ServedCall } from './recorder.ts';
import { Refusal, replyToRefusal } from './refusal.ts';
import type { AwsReply, AwsService, Caller } from './service.ts';
import { verifyExpiry, verifySignature } from './signature.ts';
import { type ServiceName, WIRES } from './wire.ts';
import type { WireRequest } from './wire-request.ts';

export interface AnswerOptions {
  readonly services: Readonly<Partial<Record<ServiceName, AwsService>>>;
  /** Sessions of temporary credentials: what `ASIA…` keys are looked up in. */
  readonly sessions: IssuedSessions;
  /** Is told of every call before it is answered. */
  readonly recorder: CallRecorder;
  /** Refuses requests that were not signed with the secret of their access key. Off, a permanent key only names its account. */
  readonly verifySignatures?: boolean;
  /** What goes wrong with some calls, for tests. */
  readonly faults?: Faults | undefined;
  readonly now?: () => number;
}

/** Where records of requests belong that name no Region. */
const DEFAULT_REGION = 'us-east-1';

/** What has become known of a call by the time it is answered, refused or recorded. */
interface Progress {
  claims?: SignatureClaims;
  service?: ServiceName;
  caller?: Caller;
  body?: Buffer;
}

/** Makes the function that takes a request from its head to its recorded reply. */
export function answerer(
  options: AnswerOptions,
): (request: WireRequest, incoming: IncomingMessage) => Promise<AwsReply> {
  const { services, sessions, recorder, verifySignatures = false, faults, now = Date.now } = options;

  return async (request, incoming) => {
    const timeMs = now();
    const progress: Progress = {};
    let reply: AwsReply;
    try {
      reply = await serve(request, incoming, progress);
    } catch (error) {
      if (incoming.destroyed && !incoming.complete) throw error;
      reply = refuse(asRefusal(error, request), request, progress);
    }
    await recorder.record(servedCall(request, progress, reply, timeMs));
    return reply;
  };

  async function serve(request: WireRequest, incoming: IncomingMessage, progress: Progress): Promise<AwsReply> {
    progress.service = unsignedServiceOf(request);
    const claims = readSignatureClaims(request);
    if (!claims) throw new Refusal('MissingCredentials');
    progress.claims = claims;
    progress.service = serviceOf(claims);
    const { service: name } = progress;
    const service = name && services[name];
    if (!service) {
      throw new Refusal(
        'UnknownService',
        `The request is signed for '${claims.service}', and this endpoint serves ${Object.keys(services).join(', ')}.`,
      );
    }
    if (progress.service !== 's3') progress.body = await collect(incoming);
    verifyExpiry(claims, now());
    const { caller, secretAccessKey } = await identify(claims, sessions, now());
    if (verifySignatures) {
      await verifySignature({ request, claims, secretAccessKey, body: progress.body, nowMs: now() });
    }
    progress.caller = caller;
    await faults?.meet(name, operationOf(request, name, progress.body).eventName);
    const body = progress.body ? Readable.from([progress.body], { objectMode: false }) : incoming;
    return service.handle({ ...request, region: claims.region, caller, host: request.headers.host ?? '', body });
  }

  function refuse(refusal: Refusal, request: WireRequest, { service, body }: Progress): AwsReply {
    const { errorCode, errorMessage, ...reply } = replyToRefusal(
      refusal,
      protocolOf(request, service),
      request.requestId,
    );
    const event = { ...operationOf(request, service, body), errorCode, errorMessage };
    return { ...reply, event };
  }

  function servedCall(request: WireRequest, progress: Progress, { event }: AwsReply, timeMs: number): ServedCall {
    const { claims, service, caller } = progress;
    return {
      requestId: request.requestId,
      timeMs,
      region: claims?.region ?? DEFAULT_REGION,
      eventSource: (service && services[service]?.eventSource) ?? `${claims?.service ?? service}.amazonaws.com`,
      apiVersion: service && WIRES[service].apiVersion,
      sourceIpAddress: request.sourceIpAddress,
      userAgent: request.headers['user-agent'],
      caller,
      accessKeyId: claims?.accessKeyId,
      recipientAccountId: caller?.accountId ?? (claims ? accountOfKey(claims.accessKeyId) : DEFAULT_ACCOUNT_ID),
      event,
    };
  }
}

/** A refusal is an answer; anything else that is thrown is a bug, told to whoever runs the process. */
function asRefusal(error: unknown, { requestId, method, path, headers }: WireRequest): Refusal {
  if (error instanceof Refusal) return error;
  const name = headers['x-amz-target'] ?? `${method} ${path}`;
  console.error(`outport: ${name} failed (request ${requestId})`, error);
  return new Refusal('InternalFailure');
}
