import { withClient } from '../api/connect.ts';
import { describe } from '../api/describe.ts';
import { apiCommand, examples } from '../api/options.ts';
import { print } from '../print.ts';

/** `outport exports cancel`. */
export const cancelExportCommand = () =>
  apiCommand('cancel')
    .summary('take an export out of the queue')
    .description('Takes an export out of the queue. One that DynamoDB has been asked for runs to its end.')
    .argument('<id>', 'the export')
    .addHelpText('after', examples('outport exports cancel exp_7umhja7l6w6p7pdmox5dxwl6fy'))
    .action((id, options) =>
      withClient(options, async (client) => {
        const canceled = await client.cancelExport(id);
        print(options.output, canceled, () => describe(canceled));
      }),
    );
