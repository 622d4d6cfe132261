import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { CommandError } from './exit-codes.ts';

/** Where and as whom `outport login` signed in. */
export interface Credentials {
  /** The GraphQL API. */
  readonly url: string;
  readonly token: string;
  /** How the token can be renewed; null when it cannot. */
  readonly renewal: Renewal | null;
}

export interface Renewal {
  readonly issuer: string;
  readonly clientId: string;
  readonly refreshToken: string;
  /** When the token ends, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** The file of `outport login`, by the XDG Base Directory Specification: `~/.config/outport/credentials.json`. */
function credentialsFile(env: NodeJS.ProcessEnv): string {
  const configured = env.XDG_CONFIG_HOME ?? '';
  // The specification has relative paths ignored.
  const directory = path.isAbsolute(configured) ? configured : path.join(homedir(), '.config');
  return path.join(directory, 'outport', 'credentials.json');
}

/** Null: nobody has signed in. */
export async function readCredentials(env: NodeJS.ProcessEnv): Promise<Credentials | null> {
  const file = credentialsFile(env);
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Credentials;
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new CommandError(`${file} cannot be read: ${String(cause)}`, 'Run "outport login" again.', 1, { cause });
  }
}

/** Writes the file anew, readable by its owner only, so that no reader sees half of it. */
export async function writeCredentials(env: NodeJS.ProcessEnv, credentials: Credentials): Promise<string> {
  const file = credentialsFile(env);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const written = `${file}.${process.pid}`;
  await writeFile(written, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  await rename(written, file);
  return file;
}

export const deleteCredentials = (env: NodeJS.ProcessEnv): Promise<void> => rm(credentialsFile(env), { force: true });

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
