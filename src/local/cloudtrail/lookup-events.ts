import { createHash } from 'node:crypto';
import type { AwsCall } from '../aws/service.ts';
import { LOOKUP_ATTRIBUTE_KEYS, type LookupAttribute, resourcesOf, userNameOf } from './attributes.ts';
import type { Lookup, LookupPage } from './event-store.ts';
import type { CloudTrailRecord } from './record.ts';

/** How long records can be looked up, as in AWS. */
export const RETENTION_MS = 90 * 24 * 3600_000;

const PAGE_MAX = 50;
const ATTRIBUTE_VALUE_LENGTH_MAX = 2000;

/** A refusal of CloudTrail, by the name of its exception. */
export class CloudTrailError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CloudTrailError';
  }
}

/** A LookupEvents request that holds. */
export interface LookupRequest {
  /** Missing where Insights events are asked for, of which there are none here. */
  readonly lookup?: Lookup;
  /** Stands for the parameters that a NextToken is bound to. */
  readonly parametersDigest: string;
}

/**
 * Parses a LookupEvents request.
 *
 * AWS lists management events only, under any attribute. Here every call is recorded, items and objects included, and a
 * lookup by an attribute finds them, too; only the bare list stays AWS's, so that one import does not bury what was done
 * to tables (docs/decisions/0003-cloudtrail-lookup.md). There is no limit of two lookups a second either.
 * @throws CloudTrailError as AWS names it
 */
export function parseLookup(input: Readonly<Record<string, unknown>>, call: AwsCall, nowMs: number): LookupRequest {
  const attribute = parseAttribute(input.LookupAttributes);
  const startMs = parseTime(input.StartTime, 'StartTime') ?? 0;
  const endMs = parseTime(input.EndTime, 'EndTime') ?? nowMs;
  if (startMs > endMs) {
    throw new CloudTrailError('InvalidTimeRangeException', 'The start time is after the end time.');
  }
  const limit = parseMaxResults(input.MaxResults);
  const insights = parseCategory(input.EventCategory);
  const scope = { accountId: call.caller.accountId, region: call.region };
  const parametersDigest = digestOf([scope, attribute, input.StartTime, input.EndTime, input.EventCategory]);
  const before = parseNextToken(input.NextToken, parametersDigest);
  if (insights) return { parametersDigest };
  const lookup = {
    ...scope,
    ...(attribute && { attribute }),
    ...(before !== undefined && { before }),
    // Records tell whole seconds, so bounds within a second take in all of it.
    fromMs: Math.max(wholeSecond(startMs), nowMs - RETENTION_MS),
    toMs: wholeSecond(endMs) + 999,
    limit,
  };
  return { lookup, parametersDigest };
}

/** The answer to LookupEvents. */
export function lookupReply({ records, next }: LookupPage, parametersDigest: string) {
  return {
    Events: records.map(eventOf),
    ...(next !== undefined && { NextToken: Buffer.from(`${parametersDigest}.${next}`).toString('base64url') }),
  };
}

function eventOf(record: CloudTrailRecord) {
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    AccessKeyId: record.userIdentity.accessKeyId,
    EventTime: Date.parse(record.eventTime) / 1000,
    EventSource: record.eventSource,
    Username: userNameOf(record),
    Resources: resourcesOf(record),
    CloudTrailEvent: JSON.stringify(record),
  };
}

function parseAttribute(input: unknown): LookupAttribute | undefined {
  if (input === undefined || input === null) return undefined;
  if (!Array.isArray(input)) throw serialization('LookupAttributes must be a list.');
  if (input.length === 0) return undefined;
  if (input.length > 1) {
    throw new CloudTrailError('InvalidLookupAttributesException', 'Only one lookup attribute can be given.');
  }
  const given: Readonly<Record<string, unknown>> = Object(input[0]);
  const { AttributeKey: name, AttributeValue: value } = given;
  const key = LOOKUP_ATTRIBUTE_KEYS.find((known) => known === name);
  if (!key) {
    throw new CloudTrailError(
      'InvalidLookupAttributesException',
      `AttributeKey must be one of ${LOOKUP_ATTRIBUTE_KEYS.join(', ')}.`,
    );
  }
  if (typeof value !== 'string' || value === '' || weightOf(value) > ATTRIBUTE_VALUE_LENGTH_MAX) {
    throw new CloudTrailError(
      'InvalidLookupAttributesException',
      `AttributeValue must be a string of 1 to ${ATTRIBUTE_VALUE_LENGTH_MAX} characters.`,
    );
  }
  return { key, value };
}

/** Underscores, spaces, commas and newlines count double. */
const weightOf = (value: string): number => value.length + (value.match(/[_ ,\n]/g)?.length ?? 0);

function parseTime(input: unknown, name: string): number | undefined {
  if (input === undefined || input === null) return undefined;
  if (typeof input !== 'number' || !Number.isFinite(input)) throw serialization(`${name} must be in epoch seconds.`);
  if (input < 0 || input > 8_640_000_000_000) {
    throw new CloudTrailError('InvalidTimeRangeException', `${name} is outside the range of possible values.`);
  }
  return input * 1000;
}

const wholeSecond = (timeMs: number): number => Math.floor(timeMs / 1000) * 1000;

function parseMaxResults(input: unknown): number {
  if (input === undefined || input === null) return PAGE_MAX;
  if (typeof input === 'number' && Number.isInteger(input) && input >= 1 && input <= PAGE_MAX) return input;
  throw new CloudTrailError('InvalidMaxResultsException', `MaxResults must be between 1 and ${PAGE_MAX}.`);
}

function parseCategory(input: unknown): boolean {
  if (input === undefined || input === null) return false;
  if (input === 'insight') return true;
  throw new CloudTrailError('InvalidEventCategoryException', 'EventCategory must be insight where it is given.');
}

function parseNextToken(input: unknown, parametersDigest: string): string | undefined {
  if (input === undefined || input === null) return undefined;
  const text = typeof input === 'string' ? Buffer.from(input, 'base64url').toString() : '';
  const [boundTo, position] = text.split('.');
  if (boundTo !== parametersDigest || !position || !/^\d{25}[\da-f]{8}$/.test(position)) {
    throw new CloudTrailError(
      'InvalidNextTokenException',
      'The token is not valid, or it was given with other parameters than those it was issued for.',
    );
  }
  return position;
}

const digestOf = (parameters: unknown): string =>
  createHash('sha256').update(JSON.stringify(parameters)).digest('base64url').slice(0, 16);

const serialization = (message: string) => new CloudTrailError('SerializationException', message);
