import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { OutportClient } from '../../client/index.ts';
import { withClient } from '../api/connect.ts';
import { existingExport } from '../api/existing-export.ts';
import { apiCommand, examples } from '../api/options.ts';
import { downloadFile } from '../download/download-file.ts';
import { filesOf, type RemoteFile } from '../download/export-files.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { interruptible } from '../interruptible.ts';
import { count } from '../option-values.ts';
import { bytes, counted, print } from '../print.ts';
import { passingBar } from '../progress-bar.ts';

/** `outport download`, which is `outport exports download`, too. */
export const downloadCommand = () =>
  apiCommand('download')
    .summary('download the files of an export')
    .description(
      'Downloads the data files of a COMPLETED export, several at a time, and checks each against the MD5 in the manifest as it is written. Run it again after an interruption: it goes on from where it was.',
    )
    .argument('<id>', 'the export')
    .option('--to <dir>', 'where to (default: a folder with the name of the export)')
    .option('--parallel <number>', 'how many files at a time', count, 4)
    .addHelpText(
      'after',
      `\nEnds with 3 when a file is not as the manifest says.\n${examples(
        'outport download exp_7umhja7l6w6p7pdmox5dxwl6fy --to orders',
        'zcat orders/*.json.gz | jq -c .Item',
      )}`,
    )
    .action((id, options) =>
      withClient(options, async (client) => {
        const directory = path.resolve(options.to ?? id);
        const done = await downloadExport(client, id, directory, options.parallel);
        print(options.output, { id, directory, ...done }, () => {
          const there = done.filesThere === 0 ? '' : `, ${done.filesThere} of them there already`;
          return `${counted(done.files, 'file')}, ${bytes(done.sizeBytes)}${there}, as the manifest says, in ${directory}`;
        });
      }),
    );

const INTERRUPTED = 'What has come is kept. Run the same command again: it goes on from where it was.';

interface Downloaded {
  readonly files: number;
  readonly filesThere: number;
  readonly sizeBytes: number;
}

async function downloadExport(
  client: OutportClient,
  id: string,
  directory: string,
  parallel: number,
): Promise<Downloaded> {
  const { progress } = await existingExport(client, id);
  const totalBytes = progress?.bytesWritten ?? 0;
  const files = filesOf(client, id);
  const first = await files.next();
  await makeDirectory(directory);
  const bar = passingBar(id);
  let sizeBytes = 0;
  const done = { files: 0, filesThere: 0 };
  const onBytes = (more: number) => {
    sizeBytes += more;
    bar.update(totalBytes === 0 ? null : sizeBytes / totalBytes, `${counted(done.files, 'file')}, ${bytes(sizeBytes)}`);
  };
  const download = async (file: RemoteFile) => {
    const outcome = await downloadFile(file, path.join(directory, nameOf(file)), onBytes);
    done.files += 1;
    if (outcome === 'THERE') done.filesThere += 1;
  };
  // The first that fails ends it, once what the others are at is there: the next time it need not come again.
  let failed = false;
  const worker = async (begin: Promise<IteratorResult<RemoteFile>>) => {
    try {
      for (let next = await begin; !next.done && !failed; next = await files.next()) await download(next.value);
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  try {
    const begins = [Promise.resolve(first), ...Array.from({ length: parallel - 1 }, () => files.next())];
    const ended = await interruptible(INTERRUPTED, () => Promise.allSettled(begins.map(worker)));
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
  } finally {
    bar.done('');
  }
  return { ...done, sizeBytes };
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    const message = `The folder ${directory} cannot be made: ${String(cause)}`;
    throw new CommandError(message, 'Name another with --to.', EXIT.ERROR, { cause });
  }
}

/** The last part of a key: DynamoDB's names are unique in an export, and have nothing that a file system minds. */
function nameOf({ key }: RemoteFile): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  if (/^[\w-][\w.-]*$/.test(name)) return name;
  throw new CommandError(`"${key}" is no name that DynamoDB gives a file.`, undefined, EXIT.FAILED);
}
