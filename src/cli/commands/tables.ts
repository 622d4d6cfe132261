import { withClient } from '../api/connect.ts';
import { tablesOf } from '../api/find-table.ts';
import { nodesUpTo } from '../api/nodes-up-to.ts';
import { apiCommand, examples } from '../api/options.ts';
import { count } from '../option-values.ts';
import { bytes, print, table } from '../print.ts';

/** `outport tables`. */
export const tablesCommand = () =>
  apiCommand('tables')
    .summary('list the tables that you may see')
    .description('Lists the tables that you may see, and back to when they can be exported.')
    .option('--account <id>', 'in this account')
    .option('--region <region>', 'in this Region')
    .option('--name-begins-with <text>', 'only tables whose names begin with this')
    .option('--limit <number>', 'how many at most', count, 100)
    .addHelpText(
      'after',
      examples('outport tables --name-begins-with orders', 'outport tables --region eu-central-1 --output json'),
    )
    .action((options) =>
      withClient(options, async (client) => {
        const tables = await nodesUpTo(options.limit, () => tablesOf(client, options, options.nameBeginsWith));
        print(options.output, tables, () =>
          table(tables, [
            { title: 'TABLE', of: ({ tableName }) => tableName },
            { title: 'ACCOUNT', of: ({ tableArn }) => tableArn.split(':')[4] },
            { title: 'REGION', of: ({ tableArn }) => tableArn.split(':')[3] },
            { title: 'ITEMS', of: ({ itemCount }) => itemCount, right: true },
            { title: 'SIZE', of: ({ tableSizeBytes }) => bytes(tableSizeBytes), right: true },
            { title: 'EXPORTABLE FROM', of: ({ recovery }) => recovery?.earliestRestorableTime ?? 'recovery is off' },
          ]),
        );
      }),
    );
