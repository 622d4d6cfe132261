import { Command } from '@commander-js/extra-typings';
import type { StartEnvironment } from '../../local/host/function-runtime.ts';
import { examples } from '../api/options.ts';
import { filled, parameter, port } from '../option-values.ts';

/**
 * `outport serve`.
 * @param startEnvironment runs the functions elsewhere than in threads of this process
 */
export const serveCommand = (startEnvironment?: StartEnvironment) =>
  new Command('serve')
    .summary('run Outport on this machine')
    .description(
      'Runs Outport on this machine: the GraphQL API, the console and an AWS endpoint (DynamoDB, S3, CloudTrail, STS). Ctrl-C stops it.',
    )
    .option('--data <dir>', 'where everything is kept', filled, '.outport')
    .option('--port <n>', 'port of the GraphQL API, 0 for any that is free', port, 4000)
    .option('--aws-port <n>', 'port of the AWS endpoint, 0 for any that is free', port, 4566)
    .option('--verify-signatures', "refuse AWS calls that are not signed with the secret 'outport'", false)
    .option(
      '--param <name=value>',
      'set a parameter of serverless.yml, such as maxExports=10; may be repeated',
      parameter,
      {},
    )
    .option(
      '--faults <file>',
      'a JSON list of what goes wrong with some calls of AWS, to test what becomes of their callers',
    )
    .option('--allow-local-webhooks', 'let webhooks be at http://127.0.0.1, to test what receives them', false)
    .option('--json', 'print the addresses and a token as one line of JSON', false)
    .addHelpText('after', examples('outport serve', 'outport serve --data /var/lib/outport --param maxExports=10'))
    .action(async ({ data, param, faults, ...options }) => {
      // All of Outport: other commands do without it.
      const { serve } = await import('../serve.ts');
      process.exitCode = await serve(
        { ...options, directory: data, params: param, faultsFile: faults },
        startEnvironment,
      );
    });
