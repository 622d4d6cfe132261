import { parseArgs } from 'node:util';

export const USAGE = `Usage: outport serve [options]

Runs Outport on this machine: the GraphQL API and an AWS endpoint (DynamoDB, S3, CloudTrail, STS).

Options:
  --data DIR            where everything is kept (default .outport)
  --port N              port of the GraphQL API, 0 for any that is free (default 4000)
  --aws-port N          port of the AWS endpoint, 0 for any that is free (default 4566)
  --verify-signatures   refuse AWS calls that are not signed with the secret 'outport'
  --json                print the addresses and a token as one line of JSON
  --help                print this
  --version             print the version`;

export interface ServeArguments {
  readonly directory: string;
  readonly port: number;
  readonly awsPort: number;
  readonly verifySignatures: boolean;
  readonly json: boolean;
}

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | { readonly name: 'serve'; readonly arguments: ServeArguments };

/** A command line that makes no sense. The message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the arguments behind `outport`. Throws `UsageError`. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [command, ...surplus] = positionals;
  if (command === undefined) throw new UsageError('Say what to do.');
  if (command !== 'serve') throw new UsageError(`Unknown command '${command}'.`);
  if (surplus.length > 0) throw new UsageError(`Unexpected argument '${surplus[0]}'.`);
  if (values.data === '') throw new UsageError('--data must name a folder.');
  return {
    name: 'serve',
    arguments: {
      directory: values.data,
      port: portOf('--port', values.port),
      awsPort: portOf('--aws-port', values['aws-port']),
      verifySignatures: values['verify-signatures'],
      json: values.json,
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string', default: '.outport' },
        port: { type: 'string', default: '4000' },
        'aws-port': { type: 'string', default: '4566' },
        'verify-signatures': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`${option} must be a number from 0 to 65535.`);
  return port;
}
