import { withClient } from '../api/connect.ts';
import { describe } from '../api/describe.ts';
import { existingExport } from '../api/existing-export.ts';
import { apiCommand, examples } from '../api/options.ts';
import { print } from '../print.ts';

/** `outport exports show`. */
export const showExportCommand = () =>
  apiCommand('show')
    .summary('show an export')
    .description('Shows everything that is known of an export.')
    .argument('<id>', 'the export')
    .addHelpText('after', examples('outport exports show exp_7umhja7l6w6p7pdmox5dxwl6fy'))
    .action((id, options) =>
      withClient(options, async (client) => {
        const found = await existingExport(client, id);
        print(options.output, found, () => describe(found));
      }),
    );
