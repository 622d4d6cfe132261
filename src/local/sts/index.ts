import type { ClassicLevel } from 'classic-level';
import type { IssuedSessions } from '../aws/accounts.ts';
import { readBody } from '../aws/body.ts';
import { queryError, queryResult } from '../aws/query-protocol.ts';
import type { AwsCall, AwsReply, AwsService, CallEvent } from '../aws/service.ts';
import { refusalBySession } from '../aws/session-policy.ts';
import { sweepHourly } from '../aws/sweeper.ts';
import { assumeRole, tagsIn } from './assume-role.ts';
import { StsError } from './errors.ts';
import { Sessions } from './sessions.ts';

export interface StsOptions {
  readonly database: ClassicLevel<string, string>;
  readonly now?: () => number;
}

export interface Sts extends AwsService {
  readonly sessions: IssuedSessions;
  close(): Promise<void>;
}

interface Outcome {
  readonly result: Readonly<Record<string, unknown>>;
  readonly event: Omit<CallEvent, 'eventName' | 'readOnly' | 'managementEvent'>;
}

/** The embedded STS: GetCallerIdentity and AssumeRole, over the Query protocol. */
export function openSts({ database, now = Date.now }: StsOptions): Sts {
  const sessions = new Sessions(database);
  const sweeper = sweepHourly(() => sessions.sweep(now()));

  async function perform(action: string, parameters: URLSearchParams, call: AwsCall): Promise<Outcome> {
    switch (action) {
      case 'GetCallerIdentity':
        return callerIdentity(call);
      case 'AssumeRole':
        return issueRoleSession(parameters, call);
      default:
        throw new StsError('InvalidAction', 400, `Could not find operation ${action} for version 2011-06-15`);
    }
  }

  async function issueRoleSession(parameters: URLSearchParams, { caller }: AwsCall): Promise<Outcome> {
    const roleSession = assumeRole(parameters, caller, now());
    const refusal = refusalBySession(caller, 'sts:AssumeRole', roleSession.caller.sessionIssuer?.arn ?? '*');
    if (refusal !== null) throw new StsError('AccessDenied', 403, refusal);
    const session = await sessions.issue(roleSession);
    const { arn, principalId, accountId, sessionIssuer, sourceIdentity, accessKeyId } = session.caller;
    const expiration = new Date(session.expiresAtMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
    const identity = sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity };
    return {
      result: {
        AssumedRoleUser: { AssumedRoleId: principalId, Arn: arn },
        Credentials: {
          AccessKeyId: accessKeyId,
          SecretAccessKey: session.secretAccessKey,
          SessionToken: session.sessionToken,
          Expiration: expiration,
        },
        ...identity,
      },
      event: {
        // AWS records the session token as well; here no record holds anything that lets its reader act.
        responseElements: {
          credentials: { accessKeyId, expiration },
          assumedRoleUser: { assumedRoleId: principalId, arn },
          ...(sourceIdentity !== undefined && { sourceIdentity }),
        },
        resources: sessionIssuer && [{ ARN: sessionIssuer.arn, accountId, type: 'AWS::IAM::Role' }],
      },
    };
  }

  return {
    eventSource: 'sts.amazonaws.com',
    sessions,
    async handle(call) {
      const parameters = new URLSearchParams(call.query);
      for (const [name, value] of new URLSearchParams((await readBody(call)).toString()))
        parameters.append(name, value);
      const action = parameters.get('Action') ?? '';
      const event = {
        eventName: action || 'Unknown',
        readOnly: true,
        managementEvent: true,
        requestParameters: recordedParameters(action, parameters),
      };
      try {
        const outcome = await perform(action, parameters, call);
        const body = queryResult(action, outcome.result, call.requestId);
        return { status: 200, headers: XML, body, event: { ...event, ...outcome.event } };
      } catch (error) {
        if (!(error instanceof StsError)) throw error;
        return refused(error, call, event);
      }
    },
    close: () => sweeper.close(),
  };
}

const XML = { 'content-type': 'text/xml' };

function callerIdentity({ caller }: AwsCall): Outcome {
  return {
    result: { Arn: caller.arn, UserId: caller.principalId, Account: caller.accountId },
    event: { responseElements: null },
  };
}

function refused({ code, status, message }: StsError, { requestId }: AwsCall, event: CallEvent): AwsReply {
  return {
    status,
    headers: XML,
    body: queryError(code, message, requestId, status),
    event: { ...event, errorCode: code, errorMessage: message },
  };
}

/** The parameters of AssumeRole as CloudTrail names them. */
function recordedParameters(action: string, parameters: URLSearchParams): CallEvent['requestParameters'] {
  if (action !== 'AssumeRole') return null;
  const take = (name: string) => parameters.get(name) ?? undefined;
  const durationSeconds = take('DurationSeconds');
  const tags = Object.entries(tagsIn(parameters));
  return {
    roleArn: take('RoleArn'),
    roleSessionName: take('RoleSessionName'),
    externalId: take('ExternalId'),
    sourceIdentity: take('SourceIdentity'),
    policy: take('Policy'),
    tags: tags.length > 0 ? tags.map(([key, value]) => ({ key, value })) : undefined,
    durationSeconds: durationSeconds === undefined ? undefined : Number(durationSeconds),
  };
}
