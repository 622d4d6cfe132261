import { Command, Option } from '@commander-js/extra-typings';
import { filled, url } from '../option-values.ts';

/** How results are printed. */
export type Output = 'json' | 'table';

/** Options of every command that calls the API. */
export interface ApiOptions {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly output: Output;
}

const OUTPUTS: readonly Output[] = ['table', 'json'];

/** A command that calls the API. */
export const apiCommand = (name: string) =>
  new Command(name)
    .addOption(
      new Option('--url <url>', 'the GraphQL API (default: where you signed in, or the one on this machine)')
        .env('OUTPORT_URL')
        .argParser(url),
    )
    .addOption(
      new Option('--token <token>', 'whose token to send (default: that of outport login)')
        .env('OUTPORT_TOKEN')
        .argParser(filled),
    )
    .addOption(outputOption());

/** How a command prints its result. */
export const outputOption = () =>
  new Option('--output <format>', 'how to print').choices(OUTPUTS).default('table' as const);

/** Examples at the end of a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
