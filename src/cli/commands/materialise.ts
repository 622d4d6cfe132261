import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { MaterialisedForm } from '../../materialise/index.ts';
import { examples, outputOption } from '../api/options.ts';
import { filled } from '../option-values.ts';
import { print } from '../print.ts';

const FORMS: readonly MaterialisedForm[] = ['dynamodb-json', 'parquet'];

/** `outport materialise`. */
export const materialiseCommand = () =>
  new Command('materialise')
    .summary('make a table of a full export and the incremental ones after it')
    .description(
      'Writes a table as it was at an end of a chain of exports: a full one and the incremental ones whose windows follow it. It reads the files alone, not the API.',
    )
    .argument('<folders...>', 'what holds the exports, each or together: folders, or s3://bucket/prefix')
    .addOption(new Option('--as <form>', 'what to write').choices(FORMS).makeOptionMandatory())
    .requiredOption('--out <dir>', 'where to: an empty folder, or one to be made', filled)
    .option('--at <time>', 'which end of the chain, such as 2026-11-22T00:00:00Z (default: the last)', millisecond)
    .addOption(outputOption())
    .addHelpText(
      'after',
      `\nEnds with 3 when the exports are no chain, or not what their manifests say.\n${examples(
        'outport materialise lake/AWSDynamoDB/01768385930622-efd1a093 --as parquet --out orders',
        'outport materialise s3://lake/AWSDynamoDB/01768385930622-efd1a093 s3://lake/AWSDynamoDB/01768472330622-0a1b2c3d --as dynamodb-json --out orders',
        'outport materialise s3://lake/orders/sch_x7q2/chain-3 --as parquet --out orders',
      )}`,
    )
    .action(async (folders, { as: form, out: directory, at: atMs, output }) => {
      // The engine, Parquet and the SDK of S3: other commands do without them.
      const { materialiseFrom } = await import('../materialise.ts');
      const made = await materialiseFrom(folders, { form, directory, atMs });
      print(
        output,
        made,
        () => `${made.itemCount} items as of ${made.at}, of ${made.exports.length} exports, in ${directory}`,
      );
    });

/** Ends of chains are to the millisecond. */
function millisecond(text: string): number {
  const time = /^\d{4}-\d\d-\d\dT\S+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError('It must be a time with its zone, as 2026-11-17T00:00:00.000Z.');
  return time;
}
