import type { ExportFieldsFragment, ExportTableRequest } from '../../src/client/index.ts';
import type { UrlValues } from '../ui/url-state.ts';

/** Everything that can be filled in, by its name in the address. */
export const FIELDS = [
  'table',
  'type',
  'time',
  'from',
  'to',
  'view',
  'format',
  'bucket',
  'owner',
  'prefix',
  'encryption',
  'kmsKey',
  'filter',
  'keyCondition',
  'projection',
  'names',
  'values',
  'whenFull',
] as const;

export type Field = (typeof FIELDS)[number];
export type FormValues = UrlValues<Field>;
export type Problems = Partial<Record<Field, string>>;

/** What the form asks for, or what is missing and wrong. Everything else is `preflight`'s to say. */
export type Request = { readonly request: ExportTableRequest } | { readonly problems: Problems };

export const isIncremental = ({ type }: Pick<FormValues, 'type'>): boolean => type === 'incremental';

export function readForm(values: FormValues): Request {
  const names = jsonObject(values.names);
  const placeholders = jsonObject(values.values);
  const incremental = isIncremental(values);
  const problems: Problems = {
    ...(!values.table && { table: 'Choose a table.' }),
    ...(!values.bucket && { bucket: 'Name a bucket.' }),
    ...(incremental && !values.from && { from: 'Choose where the window begins.' }),
    ...(names === undefined && { names: 'This is no JSON object, such as {"#s": "state"}.' }),
    ...(placeholders === undefined && { values: 'This is no JSON object, such as {":open": {"S": "OPEN"}}.' }),
  };
  if (Object.keys(problems).length > 0) return { problems };
  const { filter, keyCondition, projection } = values;
  const hasFilter = [filter, keyCondition, projection].some((expression) => expression !== '');
  return {
    request: {
      tableArn: values.table,
      ...(incremental
        ? {
            exportType: 'INCREMENTAL_EXPORT',
            incrementalExport: {
              exportFromTime: values.from,
              ...(values.to && { exportToTime: values.to }),
              exportViewType: values.view === 'new' ? 'NEW_IMAGE' : 'NEW_AND_OLD_IMAGES',
            },
          }
        : { exportType: 'FULL_EXPORT', ...(values.time && { exportTime: values.time }) }),
      exportFormat: values.format === 'ion' ? 'ION' : 'DYNAMODB_JSON',
      destination: {
        bucket: values.bucket,
        ...(values.owner && { bucketOwner: values.owner }),
        ...(values.prefix && { prefix: values.prefix }),
        ...(values.encryption === 'kms' && {
          encryption: { algorithm: 'KMS', ...(values.kmsKey && { kmsKeyId: values.kmsKey }) },
        }),
      },
      ...(hasFilter && {
        filter: {
          ...(filter && { filterExpression: filter }),
          ...(keyCondition && { keyConditionExpression: keyCondition }),
          ...(projection && { projectionExpression: projection }),
          ...(names && { expressionAttributeNames: names }),
          ...(placeholders && { expressionAttributeValues: placeholders }),
        },
      }),
      whenFull: values.whenFull === 'refuse' ? 'REFUSE' : 'QUEUE',
    },
  };
}

/** Null when nothing is written, undefined when it is no object. */
function jsonObject(text: string): Record<string, unknown> | null | undefined {
  if (text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The address of a form that is filled in as for an export that was. Its moment is left to be chosen. */
export function requestAgain({
  tableArn,
  exportType,
  exportFormat,
  destination,
  filter,
}: ExportFieldsFragment): string {
  const text = (value: unknown) => (value ? JSON.stringify(value) : '');
  const values: Partial<FormValues> = {
    table: tableArn,
    type: exportType === 'INCREMENTAL_EXPORT' ? 'incremental' : '',
    format: exportFormat === 'ION' ? 'ion' : '',
    bucket: destination.bucket,
    owner: destination.bucketOwner ?? '',
    prefix: destination.prefix ?? '',
    encryption: destination.encryption.algorithm === 'KMS' ? 'kms' : '',
    kmsKey: destination.encryption.kmsKeyId ?? '',
    filter: filter?.filterExpression ?? '',
    keyCondition: filter?.keyConditionExpression ?? '',
    projection: filter?.projectionExpression ?? '',
    names: text(filter?.expressionAttributeNames),
    values: text(filter?.expressionAttributeValues),
  };
  const filled = Object.entries(values).filter(([, value]) => value !== '');
  return new URLSearchParams(filled).toString();
}

/** Fields by the paths that the API names them by. */
const FIELDS_BY_PATH: Readonly<Record<string, Field>> = {
  'input.tableArn': 'table',
  'input.exportTime': 'time',
  'input.incrementalExport': 'from',
  'input.incrementalExport.exportFromTime': 'from',
  'input.incrementalExport.exportToTime': 'to',
  'input.destination': 'bucket',
  'input.destination.bucket': 'bucket',
  'input.destination.bucketOwner': 'owner',
  'input.destination.prefix': 'prefix',
  'input.destination.encryption': 'kmsKey',
  'input.filter': 'filter',
};

/** The field that a path such as `["input", "destination", "bucket"]` is about, if the form has one. */
export const fieldAt = (path: readonly string[] | null): Field | undefined =>
  path ? FIELDS_BY_PATH[path.join('.')] : undefined;
