import { text } from 'node:stream/consumers';
import { Command, Option } from '@commander-js/extra-typings';
import { ViewerDocument } from '../../client/index.ts';
import { clientOf, LOCAL_URL } from '../api/connect.ts';
import { examples } from '../api/options.ts';
import { deleteCredentials, writeCredentials } from '../credentials.ts';
import { signInWithDevice, type Tokens } from '../device-login.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { filled, url } from '../option-values.ts';

/** `outport login`. */
export const loginCommand = () =>
  new Command('login')
    .summary('sign in')
    .description(
      'Signs you in: in a browser, at the OpenID Connect issuer of your organisation (OAuth 2.0 device authorization), or with a token that you have. What it is given is kept in ~/.config/outport, readable by you only, and renewed where the issuer does that.',
    )
    .addOption(new Option('--url <url>', 'the GraphQL API').env('OUTPORT_URL').argParser(url).default(LOCAL_URL))
    .addOption(
      new Option('--token <token>', 'sign in with this token; -: read it from standard input')
        .argParser(filled)
        .conflicts(['issuer', 'clientId', 'audience']),
    )
    .option('--issuer <url>', 'the issuer to sign in at', url)
    .option('--client-id <id>', 'the id that it knows this command by', filled)
    .option('--scope <scopes>', 'what to ask it for', 'openid profile offline_access')
    .option('--audience <audience>', 'whom the token is for, where the issuer wants to be told')
    .addHelpText(
      'after',
      examples(
        'outport login --url https://outport.example/graphql --issuer https://login.example --client-id outport-cli',
        'outport login --token - < token.txt',
      ),
    )
    .action(async (options) => {
      const tokens = await signIn(options);
      const { viewer } = await viewerOf(options.url, tokens);
      const file = await writeCredentials(process.env, { url: options.url, ...tokens });
      const teams = viewer.teams.length === 0 ? 'no team' : `the team ${viewer.teams.join(', ')}`;
      console.log(`You are signed in to ${options.url} as ${viewer.name ?? viewer.subject}, of ${teams}.`);
      console.log(
        `The token ends at ${viewer.tokenExpiresAt}${tokens.renewal ? ', and is renewed' : ''}. It is in ${file}.`,
      );
    });

/** `outport logout`. */
export const logoutCommand = () =>
  new Command('logout')
    .summary('forget the token of outport login')
    .description('Forgets what "outport login" was given. The token itself is good until it ends.')
    .action(() => deleteCredentials(process.env));

interface LoginOptions {
  readonly token?: string | undefined;
  readonly issuer?: string | undefined;
  readonly clientId?: string | undefined;
  readonly scope: string;
  readonly audience?: string | undefined;
}

async function signIn({ token, issuer, clientId, scope, audience }: LoginOptions): Promise<Tokens> {
  if (token !== undefined) {
    return { token: token === '-' ? (await text(process.stdin)).trim() : token, renewal: null };
  }
  if (issuer === undefined || clientId === undefined) {
    const remedy =
      'Name --issuer and --client-id, which whoever runs Outport can tell you, or hand a token over: --token -';
    throw new CommandError('Nobody said where to sign in.', remedy, EXIT.USAGE);
  }
  return signInWithDevice({ issuer, clientId, scope, audience }, ({ address, code }) => {
    console.error(`Open ${address} in any browser, and allow it if it shows this code: ${code}`);
  });
}

/** Who Outport takes the token for: what it does not take is not kept. */
async function viewerOf(url: string, { token }: Tokens) {
  const client = await clientOf({ url, token });
  return client.request(ViewerDocument, {});
}
