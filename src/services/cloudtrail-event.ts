import type { Event } from '@aws-sdk/client-cloudtrail';
import type { AuditEvent } from '../records/audit-event.ts';
import { adoptedIdOf, exportIdOfUpstreamToken } from './export-id.ts';
import { parseTableArn } from './table-arn.ts';
import { withoutValues } from './without-values.ts';

type Json = Readonly<Record<string, unknown>>;

/** Longer request parameters are cut off: the whole event stays in CloudTrail under the same id. */
const INPUT_CHARACTERS_MAX = 10_000;

/**
 * A CloudTrail event about an export as an audit event. No genuine record of such a call is public (facts §7.2), so
 * whatever is missing or of another type than expected is left empty.
 * @returns null for an event without the id or time by which it could be kept
 */
export function auditEventOf({ EventId, EventTime, EventName, Username, CloudTrailEvent }: Event): AuditEvent | null {
  if (!EventId || !EventTime || !EventName) return null;
  const record = parseObject(CloudTrailEvent ?? '');
  const request = objectIn(record, 'requestParameters');
  const described = objectIn(objectIn(record, 'responseElements'), 'exportDescription');
  // DescribeExport changes nothing, so its record has no response: what it asked for is all there is.
  const exportArn = textIn(described, 'exportArn') ?? textIn(request, 'exportArn');
  const errorCode = textIn(record, 'errorCode');
  const ours = exportIdOfUpstreamToken(textIn(request, 'clientToken') ?? '');
  return {
    id: EventId,
    eventTime: EventTime.toISOString(),
    source: 'CLOUDTRAIL',
    eventName: EventName,
    outcome: errorCode === null ? 'ACCEPTED' : 'REJECTED',
    issuer: null,
    principal: textIn(objectIn(record, 'userIdentity'), 'arn') ?? Username ?? null,
    principalName: Username ?? null,
    sourceIpAddress: textIn(record, 'sourceIPAddress'),
    userAgent: textIn(record, 'userAgent'),
    requestId: textIn(record, 'requestID'),
    tableArn: textIn(request, 'tableArn') ?? textIn(described, 'tableArn') ?? tableArnOfExport(exportArn),
    exportId: ours ?? (exportArn === null ? null : adoptedIdOf(exportArn)),
    exportArn,
    input:
      Object.keys(request).length === 0 ? null : JSON.stringify(request, withoutValues).slice(0, INPUT_CHARACTERS_MAX),
    decision: null,
    policyIds: [],
    errorCode,
    errorMessage: textIn(record, 'errorMessage'),
  };
}

/** An export's ARN is that of its table and `/export/<id>`. */
const tableArnOfExport = (exportArn: string | null): string | null =>
  parseTableArn(exportArn?.replace(/\/export\/[\w-]+$/, '') ?? '')?.arn ?? null;

function parseObject(text: string): Json {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? { ...value } : {});

const objectIn = (json: Json, name: string): Json => asObject(json[name]);

const textIn = (json: Json, name: string): string | null => {
  const value = json[name];
  return typeof value === 'string' && value !== '' ? value : null;
};
