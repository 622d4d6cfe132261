import { SchedulesDocument } from '../../client/index.ts';
import { nodesOf } from '../../client/pages.ts';
import { withClient } from '../api/connect.ts';
import { addressOf } from '../api/describe.ts';
import { inWords } from '../api/describe-schedule.ts';
import { findTable, tableNameOf } from '../api/find-table.ts';
import { nodesUpTo } from '../api/nodes-up-to.ts';
import { apiCommand, examples } from '../api/options.ts';
import { count } from '../option-values.ts';
import { print, table } from '../print.ts';

/** `outport schedules list`. */
export const listSchedulesCommand = () =>
  apiCommand('list')
    .summary('list schedules')
    .description('Lists the schedules that you may see, the newest first.')
    .option('--table <table>', 'of this table: its ARN or name')
    .option('--limit <number>', 'how many at most', count, 50)
    .addHelpText('after', examples('outport schedules list', 'outport schedules list --table orders --output json'))
    .action((options) =>
      withClient(options, async (client) => {
        const tableArn = options.table && (await findTable(client, options.table, {}));
        const schedules = await nodesUpTo(options.limit, (first) =>
          nodesOf(async (after) => (await client.request(SchedulesDocument, { first, after, tableArn })).schedules),
        );
        print(options.output, schedules, () =>
          table(schedules, [
            { title: 'ID', of: ({ id }) => id },
            { title: 'STATUS', of: ({ status, problem }) => (problem ? `${status} ${problem.code}` : status) },
            { title: 'TABLE', of: ({ tableArn: arn }) => tableNameOf(arn) },
            { title: 'EVERY', of: ({ windowMinutes }) => inWords(windowMinutes) },
            { title: 'EXPORTED TO', of: ({ chainedThrough }) => chainedThrough },
            { title: 'FILES', of: ({ destination }) => addressOf(destination) },
          ]),
        );
      }),
    );
