import { describe, expect, test } from 'vitest';
import { parseCommand, UsageError } from '../../src/cli/arguments.ts';

describe('parseCommand', () => {
  test('serves with defaults', () => {
    expect(parseCommand(['serve'])).toEqual({
      name: 'serve',
      arguments: {
        directory: '.outport',
        port: 4000,
        awsPort: 4566,
        verifySignatures: false,
        params: {},
        allowLocalWebhooks: false,
        json: false,
      },
    });
  });

  test('takes every option', () => {
    const options = [
      '--data',
      'd',
      '--port',
      '0',
      '--aws-port=80',
      '--verify-signatures',
      '--param',
      'quotas=[]=',
      '--allow-local-webhooks',
      '--json',
    ];
    expect(parseCommand(['serve', ...options])).toEqual({
      name: 'serve',
      arguments: {
        directory: 'd',
        port: 0,
        awsPort: 80,
        verifySignatures: true,
        params: { quotas: '[]=' },
        allowLocalWebhooks: true,
        json: true,
      },
    });
  });

  test('verifies the audit with a token from the environment or the command line', () => {
    const url = 'http://127.0.0.1:4000/graphql';
    expect(parseCommand(['audit', 'verify'], { OUTPORT_TOKEN: 't' })).toEqual({
      name: 'audit verify',
      arguments: { url, token: 't', heads: null },
    });
    const options = ['--url', 'https://outport.example/graphql', '--token', 'u', '--heads', 'heads.json'];
    expect(parseCommand(['audit', 'verify', ...options], { OUTPORT_TOKEN: 't' })).toEqual({
      name: 'audit verify',
      arguments: { url: 'https://outport.example/graphql', token: 'u', heads: 'heads.json' },
    });
  });

  test('prefers help and version to everything else', () => {
    expect(parseCommand(['--help', 'nonsense'])).toEqual({ name: 'help' });
    expect(parseCommand(['serve', '--version'])).toEqual({ name: 'version' });
  });

  test.each([
    [[], 'Say what to do.'],
    [['fly'], "Unknown command 'fly'."],
    [['serve', '--param', 'maxExports'], "--param must be NAME=VALUE, not 'maxExports'."],
    [['serve', 'now'], "Unexpected argument 'now'."],
    [['serve', '--prot', '1'], "Unknown option '--prot'"],
    [['serve', '--port'], "Option '--port <value>' argument missing"],
    [['serve', '--port', '65536'], '--port must be a number from 0 to 65535.'],
    [['serve', '--aws-port', '1e3'], '--aws-port must be a number from 0 to 65535.'],
    [['serve', '--data='], '--data must name a folder.'],
    [['serve', '--heads', 'h'], "Unknown option '--heads'"],
    [['audit'], "Say what to do with the audit: 'verify'."],
    [['audit', 'verify'], '--token, or the variable OUTPORT_TOKEN, must hold a token.'],
    [['audit', 'verify', '--token', 't', '--url', 'outport'], "'outport' is not a URL."],
    [['audit', 'verify', '--token', 't', '--port', '1'], "Unknown option '--port'"],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommand(args)).toThrow(UsageError);
    expect(() => parseCommand(args)).toThrow(message);
  });
});
