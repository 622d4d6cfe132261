import { parseArgs } from 'node:util';
import type { VerifyAuditArguments } from './verify-audit.ts';

const DEFAULT_URL = 'http://127.0.0.1:4000/graphql';

export const USAGE = `Usage: outport serve [options]
       outport audit verify [options]

serve runs Outport on this machine: the GraphQL API and an AWS endpoint (DynamoDB, S3, CloudTrail, STS).

  --data DIR            where everything is kept (default .outport)
  --port N              port of the GraphQL API, 0 for any that is free (default 4000)
  --aws-port N          port of the AWS endpoint, 0 for any that is free (default 4566)
  --verify-signatures   refuse AWS calls that are not signed with the secret 'outport'
  --param NAME=VALUE    set a parameter of serverless.yml, such as maxExports=10; may be repeated
  --faults FILE         a JSON list of what goes wrong with some calls of AWS, to test what becomes of their callers
  --allow-local-webhooks  let webhooks be at http://127.0.0.1, to test what receives them
  --json                print the addresses and a token as one line of JSON

audit verify reads the audit over the API and checks that no record of it was changed, removed or moved. It ends with 0
when none was, with 1 when one was, and with 2 when the audit cannot be read.

  --url URL             the GraphQL API (default ${DEFAULT_URL})
  --token TOKEN         whose token to read with (default: the variable OUTPORT_TOKEN)
  --heads FILE          remember how far each chain reached, and hold the next verification to it

  --help                print this
  --version             print the version`;

export interface ServeArguments {
  readonly directory: string;
  readonly port: number;
  readonly awsPort: number;
  readonly verifySignatures: boolean;
  /** Parameters of `serverless.yml`, as `serverless deploy --param` takes them. */
  readonly params: Readonly<Record<string, string>>;
  /** What goes wrong with some calls of AWS. */
  readonly faultsFile?: string | undefined;
  /** Let webhooks be at `http://127.0.0.1`. */
  readonly allowLocalWebhooks: boolean;
  readonly json: boolean;
}

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | { readonly name: 'serve'; readonly arguments: ServeArguments }
  | { readonly name: 'audit verify'; readonly arguments: VerifyAuditArguments };

/** A command line that makes no sense. The message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the arguments behind `outport`. Throws `UsageError`. */
export function parseCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}): Command {
  return args[0] === 'audit' ? parseAuditCommand(args.slice(1), env) : parseServeCommand(args);
}

const COMMON_OPTIONS = {
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} as const;

function parseServeCommand(args: readonly string[]): Command {
  const { values, positionals } = refusing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...COMMON_OPTIONS,
        data: { type: 'string', default: '.outport' },
        port: { type: 'string', default: '4000' },
        'aws-port': { type: 'string', default: '4566' },
        'verify-signatures': { type: 'boolean', default: false },
        param: { type: 'string', multiple: true, default: [] },
        faults: { type: 'string' },
        'allow-local-webhooks': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }),
  );
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
      params: Object.fromEntries(values.param.map(paramOf)),
      faultsFile: values.faults,
      allowLocalWebhooks: values['allow-local-webhooks'],
      json: values.json,
    },
  };
}

function parseAuditCommand(args: readonly string[], env: NodeJS.ProcessEnv): Command {
  const { values, positionals } = refusing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...COMMON_OPTIONS,
        url: { type: 'string', default: DEFAULT_URL },
        token: { type: 'string', default: env.OUTPORT_TOKEN ?? '' },
        heads: { type: 'string' },
      },
    }),
  );
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [verb, ...surplus] = positionals;
  if (verb !== 'verify') throw new UsageError("Say what to do with the audit: 'verify'.");
  if (surplus.length > 0) throw new UsageError(`Unexpected argument '${surplus[0]}'.`);
  if (!URL.canParse(values.url)) throw new UsageError(`'${values.url}' is not a URL.`);
  if (values.token === '') throw new UsageError('--token, or the variable OUTPORT_TOKEN, must hold a token.');
  return { name: 'audit verify', arguments: { url: values.url, token: values.token, heads: values.heads ?? null } };
}

/** What Node.js says of options that make no sense is good enough for people. */
function refusing<Parsed>(parse: () => Parsed): Parsed {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

function paramOf(text: string): [name: string, value: string] {
  const separator = text.indexOf('=');
  if (separator < 1) throw new UsageError(`--param must be NAME=VALUE, not '${text}'.`);
  return [text.slice(0, separator), text.slice(separator + 1)];
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`${option} must be a number from 0 to 65535.`);
  return port;
}
