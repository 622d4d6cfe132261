import { type ExportFieldsFragment, type OutportClient, TimedOutError } from '../../client/index.ts';
import { delay } from '../../client/retry.ts';
import { withClient } from '../api/connect.ts';
import { verificationOf } from '../api/describe.ts';
import { existingExport } from '../api/existing-export.ts';
import { apiCommand, examples } from '../api/options.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { duration } from '../option-values.ts';
import { print } from '../print.ts';
import { passingBar } from '../progress-bar.ts';

const ASK_EVERY_MS = 500;

/** `outport exports verify`. */
export const verifyExportCommand = () =>
  apiCommand('verify')
    .summary('check the files of an export again')
    .description('Has the files of a COMPLETED export checked again, and waits for what is found.')
    .argument('<id>', 'the export')
    .option('--deep', 'read every file, rather than compare what S3 and the manifests say of them')
    .option('--timeout <duration>', 'wait this long at most: 90s, 15m, 2h', duration)
    .addHelpText(
      'after',
      `\nEnds with 3 when files are not as they should be, with 1 when they cannot be read.\n${examples(
        'outport exports verify exp_7umhja7l6w6p7pdmox5dxwl6fy --deep',
      )}`,
    )
    .action((id, options) =>
      withClient(options, async (client) => {
        const asked = await client.verifyExport(id, { deep: options.deep === true });
        const { verification } = await untilVerified(client, asked, options.timeout);
        if (!verification) throw new Error(`export ${id} was verified without a result`);
        print(options.output, verification, () => verificationOf(verification));
        if (verification.status === 'VERIFIED') return;
        throw verification.status === 'MISMATCH'
          ? new CommandError('The files are not as they should be.', 'Do not use them: export again.', EXIT.FAILED)
          : new CommandError('The files could not be read.', 'See whether the bucket can be read, and try again.');
      }),
    );

async function untilVerified(
  client: OutportClient,
  asked: ExportFieldsFragment,
  timeoutMs: number | undefined,
): Promise<ExportFieldsFragment> {
  const bar = passingBar(asked.id);
  const begunMs = performance.now();
  try {
    for (let now = asked; ; now = await existingExport(client, asked.id)) {
      if (now.verification?.status !== 'IN_PROGRESS') return now;
      if (timeoutMs !== undefined && performance.now() - begunMs > timeoutMs) {
        throw new TimedOutError(asked.id, timeoutMs, now);
      }
      bar.update(null, `${now.verification.filesChecked} files`);
      await delay(ASK_EVERY_MS);
    }
  } finally {
    bar.done('');
  }
}
