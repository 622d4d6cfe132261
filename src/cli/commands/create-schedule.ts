import { Option } from '@commander-js/extra-typings';
import { CreateScheduleDocument, ExportFormat, ExportViewType } from '../../client/index.ts';
import { withClient } from '../api/connect.ts';
import { describeSchedule } from '../api/describe-schedule.ts';
import { destinationOf } from '../api/destination.ts';
import { findTable } from '../api/find-table.ts';
import { apiCommand, examples } from '../api/options.ts';
import { unlessRefused } from '../api/unless-refused.ts';
import { days, filled, windowMinutes } from '../option-values.ts';
import { print } from '../print.ts';

/** `outport schedules create`. */
export const createScheduleCommand = () =>
  apiCommand('create')
    .summary('keep a table exported')
    .description('Exports all of a table once, then what changes in it, window after window.')
    .argument('<table>', 'its ARN, or its name where Outport knows but one table of that name', filled)
    .requiredOption('--bucket <name>', 'where to', filled)
    .option('--prefix <prefix>', 'what the keys shall start with; each link gets a folder below it')
    .option('--bucket-owner <account>', "the account that owns the bucket (default: the table's)")
    .option('--kms-key <key>', 'encrypt with this key of KMS: its id, ARN or alias (default: keys of S3)')
    .addOption(
      new Option('--every <duration>', 'how long each window is: 15m to 24h')
        .argParser(windowMinutes)
        .default(60, '1h'),
    )
    .option('--full-every <days>', 'begin again with all of the table after so long: 1d to 365d', days)
    .addOption(
      new Option('--format <format>', 'of the files')
        .choices(Object.values(ExportFormat))
        .default('DYNAMODB_JSON' as const),
    )
    .addOption(
      new Option('--view <view>', 'what of each changed item')
        .choices(Object.values(ExportViewType))
        .default('NEW_AND_OLD_IMAGES' as const),
    )
    .option('--account <id>', 'where a table is that is given by its name')
    .option('--region <region>', 'the same')
    .option('--client-token <token>', 'makes the request happen once, however often it is sent (default: a new one)')
    .addHelpText(
      'after',
      examples(
        'outport schedules create orders --bucket lake --prefix kept',
        'outport schedules create orders --bucket lake --every 15m --full-every 30d',
      ),
    )
    .action((tableName, options) =>
      withClient(options, async (client) => {
        const input = {
          tableArn: await findTable(client, tableName, options),
          destination: destinationOf(options),
          windowMinutes: options.every,
          fullEveryDays: options.fullEvery,
          exportFormat: options.format,
          exportViewType: options.view,
          clientToken: options.clientToken ?? crypto.randomUUID(),
        };
        const { createSchedule } = await client.request(CreateScheduleDocument, { input }, { repeatable: true });
        const schedule = unlessRefused(createSchedule);
        print(options.output, schedule, () => describeSchedule(schedule));
      }),
    );
