import { Option } from '@commander-js/extra-typings';
import { ExportStatus, ExportType } from '../../client/index.ts';
import { withClient } from '../api/connect.ts';
import { findTable, tableNameOf } from '../api/find-table.ts';
import { nodesUpTo } from '../api/nodes-up-to.ts';
import { apiCommand, examples } from '../api/options.ts';
import { count, moment } from '../option-values.ts';
import { print, table } from '../print.ts';

/** `outport exports list`. */
export const listExportsCommand = () =>
  apiCommand('list')
    .summary('list exports')
    .description('Lists the exports that you may see, the newest first.')
    .option('--table <table>', 'of this table: its ARN or name')
    .addOption(new Option('--status <status>', 'that stand here now').choices(Object.values(ExportStatus)))
    .addOption(new Option('--type <type>', 'of this type').choices(Object.values(ExportType)))
    .option('--team <team>', 'that count for this team')
    .option('--requested-by <subject>', 'that this person asked for')
    .option('--from <time>', 'asked for at this time or later, such as -2d', moment)
    .option('--before <time>', 'asked for before this time', moment)
    .option('--oldest-first', 'in the order in which they were asked for')
    .option('--limit <number>', 'how many at most', count, 50)
    .addHelpText(
      'after',
      examples(
        'outport exports list --table orders --status FAILED --from -7d',
        "outport exports list --output json | jq -r '.[].id'",
      ),
    )
    .action((options) =>
      withClient(options, async (client) => {
        const { status, type: exportType, team, requestedBy, from, before, limit } = options;
        const filter = {
          tableArn: options.table && (await findTable(client, options.table, {})),
          status,
          exportType,
          team,
          requestedBy: requestedBy === undefined ? undefined : { subject: requestedBy },
          createdFrom: from,
          createdBefore: before,
        };
        const orderBy = options.oldestFirst ? 'CREATED_AT_ASC' : 'CREATED_AT_DESC';
        const exports = await nodesUpTo(limit, (pageSize) => client.exports(filter, { orderBy, pageSize }));
        print(options.output, exports, () =>
          table(exports, [
            { title: 'ID', of: ({ id }) => id },
            { title: 'STATUS', of: ({ status }) => status },
            { title: 'TABLE', of: ({ tableArn }) => tableNameOf(tableArn) },
            { title: 'TYPE', of: ({ exportType }) => exportType.replace('_EXPORT', '') },
            { title: 'BY', of: ({ requestedBy }) => requestedBy?.name ?? requestedBy?.subject },
            { title: 'REQUESTED', of: ({ createdAt }) => createdAt },
            { title: 'ITEMS', of: ({ itemCount }) => itemCount, right: true },
          ]),
        );
      }),
    );
