import { withClient } from '../api/connect.ts';
import { describe } from '../api/describe.ts';
import { waitWithBar } from '../api/follow.ts';
import { apiCommand, examples } from '../api/options.ts';
import { duration } from '../option-values.ts';
import { print } from '../print.ts';

/** `outport exports retry`. */
export const retryExportCommand = () =>
  apiCommand('retry')
    .summary('ask again for an export that failed')
    .description('Asks again for what a FAILED export was asked for: a new export, checked as any other.')
    .argument('<id>', 'the export that failed')
    .option('--client-token <token>', 'makes the retry happen once, however often it is sent (default: a new one)')
    .option('--wait', 'wait until it has ended')
    .option('--timeout <duration>', 'wait this long at most: 90s, 15m, 2h (with --wait)', duration)
    .addHelpText('after', examples('outport exports retry exp_7umhja7l6w6p7pdmox5dxwl6fy --wait'))
    .action((id, options) =>
      withClient(options, async (client) => {
        const { clientToken, timeout: timeoutMs } = options;
        const { export: started } = await client.retryExport(id, clientToken === undefined ? {} : { clientToken });
        const shown = options.wait ? await waitWithBar(client, started.id, { timeoutMs }) : started;
        print(options.output, shown, () => describe(shown));
      }),
    );
