import path from 'node:path';
import { FaultsFileError } from '../local/aws/faults.ts';
import { DataFolderInUseError } from '../local/data-plane.ts';
import type { StartEnvironment } from '../local/host/function-runtime.ts';
import { IncompatibleTableError } from '../local/host/tables.ts';
import { type Outport, startOutport, UnknownParameterError } from '../local/outport.ts';
import { EXIT } from './exit-codes.ts';
import { asJson, asText } from './welcome.ts';

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

/**
 * `outport serve`: runs until it is told to stop. Returns the exit code of a start that failed.
 * @param startEnvironment runs the functions elsewhere than in threads of this process
 */
export async function serve(args: ServeArguments, startEnvironment?: StartEnvironment): Promise<number | undefined> {
  // The SDK warns of Node 20 at every start. Which Node Outport runs on is said in package.json.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  let outport: Outport;
  try {
    outport = await startOutport({ ...args, startEnvironment });
  } catch (error) {
    const reason = reasonOf(error, args);
    if (reason === undefined) throw error;
    console.error(`outport: ${reason}`);
    return 1;
  }
  stopOnRequest(outport);
  const { graphqlUrl, websocketUrl, awsEndpoint, issuer } = outport;
  const token = await outport.token({ subject: 'developer', name: 'Developer', teams: ['platform'] });
  const directory = path.resolve(args.directory);
  const print = args.json ? asJson : asText;
  console.log(print({ graphqlUrl, websocketUrl, awsEndpoint, issuer, token, directory }));
  return undefined;
}

/** The first signal stops Outport cleanly; a second one ends it where it stands, which loses nothing acknowledged. */
function stopOnRequest(outport: Outport): void {
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(EXIT.INTERRUPTED);
    stopping = true;
    await outport.close();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // A program that started Outport with an IPC channel has ended: nobody is left to stop it.
  process.on('disconnect', stop);
}

/** What a person can do something about; undefined for a bug. */
function reasonOf(error: unknown, args: ServeArguments): string | undefined {
  if (hasCode(error, 'EADDRINUSE')) {
    const option = portOf(error) === args.port ? '--port' : '--aws-port';
    return `port ${portOf(error)} is taken. Choose another with ${option}, or 0 for any that is free.`;
  }
  if (error instanceof DataFolderInUseError || error instanceof IncompatibleTableError) return error.message;
  if (error instanceof UnknownParameterError || error instanceof FaultsFileError) return error.message;
  if (hasCode(error, 'EACCES') || hasCode(error, 'ENOTDIR') || hasCode(error, 'EEXIST')) {
    return `the folder ${path.resolve(args.directory)} cannot be used: ${messageOf(error)}`;
  }
  return undefined;
}

/** Whether an error or one of its causes carries a code. */
function hasCode(error: unknown, code: string): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === code) || hasCode(error.cause, code);
}

const portOf = (error: unknown): unknown => (error instanceof Error && 'port' in error ? error.port : undefined);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
