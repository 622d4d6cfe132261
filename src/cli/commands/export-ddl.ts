import { Option } from '@commander-js/extra-typings';
import { ExportSnippetsDocument, NoSuchExportError, type SnippetTool } from '../../client/index.ts';
import { withClient } from '../api/connect.ts';
import { apiCommand, examples } from '../api/options.ts';
import { CommandError } from '../exit-codes.ts';
import { print } from '../print.ts';

const TOOLS: readonly SnippetTool[] = ['ATHENA', 'GLUE', 'DUCKDB', 'SPARK', 'IMPORT_TABLE', 'AWS_CLI'];

/** `outport exports ddl`. */
export const exportDdlCommand = () =>
  apiCommand('ddl')
    .summary('print what reads an export: tables for Athena and Glue, and more')
    .description(
      'Prints text to paste that reads the files of an export, with columns for the attributes of its first items.',
    )
    .argument('<id>', 'the export')
    .addOption(new Option('--tool <tool>', 'what to read it with').choices(TOOLS).default('ATHENA' as const))
    .addHelpText(
      'after',
      examples(
        'outport exports ddl exp_7umhja7l6w6p7pdmox5dxwl6fy > orders.sql',
        'outport exports ddl exp_7umhja7l6w6p7pdmox5dxwl6fy --tool DUCKDB | duckdb',
      ),
    )
    .action((id, options) =>
      withClient(options, async (client) => {
        const { export: found } = await client.request(ExportSnippetsDocument, { id });
        if (!found) throw new NoSuchExportError(id);
        const snippets = found.snippets.filter(({ tool }) => tool === options.tool);
        if (snippets.length === 0) {
          throw new CommandError(
            `There is nothing of export ${id} to read with ${options.tool}.`,
            `It is ${found.status}: it must be COMPLETED, you must be permitted to read its files, and ${options.tool} must read its format.`,
          );
        }
        const comment = options.tool === 'ATHENA' || options.tool === 'DUCKDB' ? '--' : '#';
        print(options.output, snippets, () =>
          snippets
            .map(({ note, text }) => (note === null || options.tool === 'GLUE' ? text : `${comment} ${note}\n${text}`))
            .join('\n\n'),
        );
      }),
    );
