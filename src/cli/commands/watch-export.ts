import type { ExportFieldsFragment } from '../../client/index.ts';
import { withClient } from '../api/connect.ts';
import { goesOn, progressOf } from '../api/follow.ts';
import { apiCommand, examples } from '../api/options.ts';
import { interruptible } from '../interruptible.ts';
import { duration } from '../option-values.ts';

/** `outport exports watch`. */
export const watchExportCommand = () =>
  apiCommand('watch')
    .summary('follow an export until it has ended')
    .description('Prints an export after each change, one a line, until it has ended.')
    .argument('<id>', 'the export')
    .option('--timeout <duration>', 'follow it this long at most: 90s, 15m, 2h', duration)
    .addHelpText(
      'after',
      examples(
        'outport exports watch exp_7umhja7l6w6p7pdmox5dxwl6fy',
        'outport exports watch exp_7umhja7l6w6p7pdmox5dxwl6fy --output json | jq .status',
      ),
    )
    .action((id, options) =>
      withClient(options, async (client) => {
        const onUpdate = (update: ExportFieldsFragment) =>
          console.log(
            options.output === 'json' ? JSON.stringify(update) : `${update.updatedAt}  ${progressOf(update)}`,
          );
        await interruptible(goesOn(id), () => client.waitForExport(id, { timeoutMs: options.timeout, onUpdate }));
      }),
    );
