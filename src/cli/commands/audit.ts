import { Command, Option } from '@commander-js/extra-typings';
import { AuditOutcome, AuditSource } from '../../client/index.ts';
import { withClient } from '../api/connect.ts';
import { findTable, tableNameOf } from '../api/find-table.ts';
import { nodesUpTo } from '../api/nodes-up-to.ts';
import { apiCommand, examples } from '../api/options.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { count, moment } from '../option-values.ts';
import { print, table } from '../print.ts';
import { verifyAudit } from '../verify-audit.ts';

/** `outport audit`. */
export const auditCommand = () =>
  new Command('audit')
    .summary('read and check what was asked, decided and done')
    .description('Reads the audit: who asked for what, what was decided and what came of it; and checks it.')
    .addCommand(listCommand())
    .addCommand(verifyCommand());

const listCommand = () =>
  apiCommand('list')
    .summary('list audit events')
    .description('Lists the audit events that you may read, the newest first. Reading the audit is recorded in it.')
    .option('--export <id>', 'about this export')
    .option('--table <table>', 'about this table and its exports: its ARN or name')
    .option('--principal <subject>', 'what this person did, by the subject of their token or the ARN of AWS')
    .option('--event <name>', 'of this name, such as ExportTable')
    .addOption(new Option('--outcome <outcome>', 'that tell this').choices(Object.values(AuditOutcome)))
    .addOption(new Option('--source <source>', 'recorded by').choices(Object.values(AuditSource)))
    .option('--from <time>', 'from this time on, such as -2d', moment)
    .option('--before <time>', 'before this time', moment)
    .option('--oldest-first', 'in the order in which they happened')
    .option('--limit <number>', 'how many at most', count, 50)
    .addHelpText(
      'after',
      examples(
        'outport audit list --table customers --event ExportTable --from -30d',
        'outport audit list --export exp_7umhja7l6w6p7pdmox5dxwl6fy --oldest-first',
        'outport audit list --outcome REFUSED --output json',
      ),
    )
    .action((options) =>
      withClient(options, async (client) => {
        const { principal, event: eventName, outcome, source, from, before, limit } = options;
        const tableArn = options.table && (await findTable(client, options.table, {}));
        const filter = { exportId: options.export, tableArn, principal, eventName, outcome, source, from, before };
        const orderBy = options.oldestFirst ? 'EVENT_TIME_ASC' : 'EVENT_TIME_DESC';
        const events = await nodesUpTo(limit, (pageSize) => client.auditEvents(filter, { orderBy, pageSize }));
        print(options.output, events, () =>
          table(events, [
            { title: 'TIME', of: ({ eventTime }) => eventTime },
            { title: 'WHO', of: ({ principalName, principal }) => principalName ?? principal },
            { title: 'EVENT', of: ({ eventName }) => eventName },
            { title: 'OUTCOME', of: ({ outcome, errorCode }) => (errorCode ? `${outcome} ${errorCode}` : outcome) },
            { title: 'DECISION', of: ({ decision }) => decision },
            { title: 'TABLE', of: ({ tableArn }) => tableArn && tableNameOf(tableArn) },
            { title: 'EXPORT', of: ({ exportId }) => exportId },
            { title: 'SOURCE', of: ({ source }) => source },
          ]),
        );
      }),
    );

const verifyCommand = () =>
  apiCommand('verify')
    .summary('check that no record of the audit was changed')
    .description(
      'Reads the audit over the API and checks that no record of it was changed, removed or moved, so that nobody has to take the word of the server for it.',
    )
    .option('--heads <file>', 'remember how far each chain reached, and hold the next verification to it')
    .addHelpText(
      'after',
      `\nEnds with 0 when every record is as it was written, with 3 when one is not.\n${examples(
        'outport audit verify --heads heads.json',
      )}`,
    )
    .action(({ heads = null, ...options }) =>
      withClient(options, async (client) => {
        if (await verifyAudit(client, heads)) return;
        const remedy = 'Compare with a backup of the records table, and ask who can write to it.';
        throw new CommandError('The audit is not as it was written.', remedy, EXIT.FAILED);
      }),
    );
