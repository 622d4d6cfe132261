import type {
  AttributeValue,
  FilterSpecification as SdkFilter,
  IncrementalExportSpecification as SdkIncrementalExport,
} from '@aws-sdk/client-dynamodb';
import type { FilterSpecification, IncrementalExport } from '../records/export-records.ts';
import { wholeSecond } from './incremental-window.ts';

/* The parts of an export's request, as records keep them and as the SDK sends and receives them. */

export const toSdkIncrementalExport = (incremental: IncrementalExport): SdkIncrementalExport => ({
  ExportFromTime: new Date(incremental.exportFromTime),
  ExportToTime: incremental.exportToTime === null ? undefined : new Date(incremental.exportToTime),
  ExportViewType: incremental.exportViewType,
});

/** @returns null for a specification that no incremental export can have: one without its beginning */
export function fromSdkIncrementalExport(specification: SdkIncrementalExport | undefined): IncrementalExport | null {
  const { ExportFromTime, ExportToTime, ExportViewType = 'NEW_AND_OLD_IMAGES' } = specification ?? {};
  if (!ExportFromTime) return null;
  return {
    exportFromTime: wholeSecond(ExportFromTime),
    exportToTime: ExportToTime ? wholeSecond(ExportToTime) : null,
    exportViewType: ExportViewType,
  };
}

export const toSdkFilter = (filter: FilterSpecification): SdkFilter => ({
  FilterExpression: filter.filterExpression ?? undefined,
  ProjectionExpression: filter.projectionExpression ?? undefined,
  KeyConditionExpression: filter.keyConditionExpression ?? undefined,
  ExpressionAttributeNames: filter.expressionAttributeNames ?? undefined,
  ExpressionAttributeValues: mapValues(filter.expressionAttributeValues ?? undefined, toSdkValue),
});

export function fromSdkFilter(specification: SdkFilter | undefined): FilterSpecification | null {
  if (!specification) return null;
  return {
    filterExpression: specification.FilterExpression ?? null,
    projectionExpression: specification.ProjectionExpression ?? null,
    keyConditionExpression: specification.KeyConditionExpression ?? null,
    expressionAttributeNames: specification.ExpressionAttributeNames ?? null,
    expressionAttributeValues: mapValues(specification.ExpressionAttributeValues, toJsonValue) ?? null,
  };
}

function mapValues<A, B>(values: Readonly<Record<string, A>> | undefined, map: (value: A) => B) {
  return values && Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

const toBytes = (base64: unknown) => Buffer.from(String(base64), 'base64');
const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** DynamoDB JSON that was checked when the filter was parsed; only binary values differ from what the SDK takes. */
function toSdkValue(json: unknown): AttributeValue {
  const value = json as AttributeValue;
  if (value.B !== undefined) return { B: toBytes(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(toBytes) };
  if (value.L !== undefined) return { L: value.L.map(toSdkValue) };
  if (value.M !== undefined) return { M: mapValues(value.M, toSdkValue) ?? {} };
  return value;
}

function toJsonValue(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: toBase64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(toBase64) };
  if (value.L !== undefined) return { L: value.L.map(toJsonValue) };
  if (value.M !== undefined) return { M: mapValues(value.M, toJsonValue) ?? {} };
  return value;
}
