import { Option } from '@commander-js/extra-typings';
import {
  ExportFormat,
  type ExportTableRequest,
  ExportViewType,
  type OutportClient,
  PreflightDocument,
  type PreflightQuery,
  WhenFull,
} from '../../client/index.ts';
import { withClient } from '../api/connect.ts';
import { describe } from '../api/describe.ts';
import { destinationOf } from '../api/destination.ts';
import { findTable } from '../api/find-table.ts';
import { waitWithBar } from '../api/follow.ts';
import { apiCommand, examples } from '../api/options.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { duration, filled, jsonObject, moment } from '../option-values.ts';
import { bytes, print, table } from '../print.ts';

/** `outport exports start`. */
export const startExportCommand = () =>
  apiCommand('start')
    .summary('export a table to S3')
    .description('Exports a table to S3, as it was at a moment, or what changed within a window.')
    .argument('<table>', 'its ARN, or its name where Outport knows but one table of that name', filled)
    .requiredOption('--bucket <name>', 'where to', filled)
    .option('--prefix <prefix>', 'what the keys shall start with')
    .option('--bucket-owner <account>', "the account that owns the bucket (default: the table's)")
    .option('--kms-key <key>', 'encrypt with this key of KMS: its id, ARN or alias (default: keys of S3)')
    .addOption(
      new Option('--format <format>', 'of the files')
        .choices(Object.values(ExportFormat))
        .default('DYNAMODB_JSON' as const),
    )
    .addOption(
      new Option('--at <time>', 'the moment: 2026-11-17T00:00:00Z, or -2h for 2 hours ago (default: now)')
        .argParser(moment)
        .conflicts(['from', 'to']),
    )
    .option('--from <time>', 'export what changed from this moment on', moment)
    .option('--to <time>', 'and before this one (default: as far as DynamoDB has it)', moment)
    .addOption(new Option('--view <view>', 'what of each changed item').choices(Object.values(ExportViewType)))
    .option('--key-condition <expression>', 'items of one partition key, by the rules of Query')
    .option('--filter <expression>', 'which items, by the rules of Scan')
    .option('--projection <expression>', 'which attributes')
    .option('--names <json>', 'attribute names by their placeholders', jsonObject)
    .option('--values <json>', 'values by their placeholders, as DynamoDB JSON', jsonObject)
    .option('--account <id>', 'where a table is that is given by its name')
    .option('--region <region>', 'the same')
    .option('--client-token <token>', 'makes the request happen once, however often it is sent (default: a new one)')
    .addOption(
      new Option('--when-full <what>', 'what to do when a limit leaves no room')
        .choices(Object.values(WhenFull))
        .default('QUEUE' as const),
    )
    .option('--check', 'say what would become of the request, and start nothing')
    .option('--wait', 'wait until it has ended')
    .option('--timeout <duration>', 'wait this long at most: 90s, 15m, 2h (with --wait)', duration)
    .addHelpText(
      'after',
      examples(
        'outport exports start orders --bucket lake --prefix orders/ --wait',
        'outport exports start orders --bucket lake --at -2h --format ION',
        'outport exports start orders --bucket lake --from -3h --to -1h --view NEW_IMAGE',
        'outport exports start orders --bucket lake --filter \'#t > :t\' --names \'{"#t":"total"}\' --values \'{":t":{"N":"10"}}\'',
        'outport exports start orders --bucket lake --check',
      ),
    )
    .action((tableName, options) =>
      withClient(options, async (client) => {
        if (options.timeout !== undefined && !options.wait) {
          throw new CommandError('--timeout is of waiting.', 'Say that you want to: --wait', EXIT.USAGE);
        }
        const tableArn = await findTable(client, tableName, options);
        const request = requestOf(tableArn, options);
        if (options.check) return check(client, request, options.output);
        const { export: started } = await client.exportTable(request);
        const shown = options.wait ? await waitWithBar(client, started.id, { timeoutMs: options.timeout }) : started;
        print(options.output, shown, () => describe(shown));
      }),
    );

interface RequestOptions {
  readonly bucket: string;
  readonly prefix?: string | undefined;
  readonly bucketOwner?: string | undefined;
  readonly kmsKey?: string | undefined;
  readonly format: ExportFormat;
  readonly at?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly view?: ExportViewType | undefined;
  readonly keyCondition?: string | undefined;
  readonly filter?: string | undefined;
  readonly projection?: string | undefined;
  readonly names?: Record<string, unknown> | undefined;
  readonly values?: Record<string, unknown> | undefined;
  readonly clientToken?: string | undefined;
  readonly whenFull: WhenFull;
}

function requestOf(tableArn: string, options: RequestOptions): ExportTableRequest {
  const { format, at, from, to, view, clientToken, whenFull } = options;
  if (from === undefined && (to ?? view) !== undefined) {
    throw new CommandError('--to and --view are of a window.', 'Say where it begins: --from -3h', EXIT.USAGE);
  }
  const window = from !== undefined && {
    exportType: 'INCREMENTAL_EXPORT' as const,
    incrementalExport: { exportFromTime: from, exportToTime: to, ...(view && { exportViewType: view }) },
  };
  return {
    tableArn,
    destination: destinationOf(options),
    exportFormat: format,
    exportTime: at,
    ...window,
    filter: filterOf(options),
    whenFull,
    ...(clientToken !== undefined && { clientToken }),
  };
}

function filterOf({ keyCondition, filter, projection, names, values }: RequestOptions) {
  if ((keyCondition ?? filter ?? projection ?? names ?? values) === undefined) return undefined;
  return {
    keyConditionExpression: keyCondition,
    filterExpression: filter,
    projectionExpression: projection,
    expressionAttributeNames: names,
    expressionAttributeValues: values,
  };
}

/** Says what would become of a request. Ends with 0 when nothing speaks against it. */
async function check(client: OutportClient, request: ExportTableRequest, output: 'json' | 'table'): Promise<void> {
  const input = { clientToken: crypto.randomUUID(), ...request };
  const { preflight } = await client.request(PreflightDocument, { input });
  print(output, preflight, () => inWords(preflight));
  if (preflight.ready) return;
  const denied = preflight.checks.some(({ errorCode }) => errorCode === 'PERMISSION_DENIED');
  const exitCode = denied ? EXIT.NOT_PERMITTED : EXIT.ERROR;
  throw new CommandError('The export would fail.', 'See the checks that FAILED.', exitCode);
}

function inWords({ checks, estimates }: PreflightQuery['preflight']): string {
  const found = table(checks, [
    { title: 'CHECK', of: ({ code }) => code },
    { title: 'RESULT', of: ({ status }) => status },
    { title: 'FOUND', of: ({ message, remedy }) => (remedy === null ? message : `${message} ${remedy}`) },
  ]);
  if (!estimates) return found;
  const { cost, duration: took, billedSizeBytes } = estimates;
  const size = billedSizeBytes === null ? '' : ` for ${bytes(billedSizeBytes)}`;
  const long = took === null ? '' : `, in about ${took.seconds} s`;
  const price = cost.amount < 0.01 ? 'Less than 0.01' : `About ${cost.amount.toFixed(2)}`;
  return `${found}\n\n${price} ${cost.currency}${size}${long}. ${cost.note}`;
}
