import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { count, duration, filled, jsonObject, moment, parameter, port, url } from '../../src/cli/option-values.ts';

describe('values of options', () => {
  test.each([
    [port, '0', 0],
    [port, '65535', 65_535],
    [count, '12', 12],
    [duration, '90s', 90_000],
    [duration, '15m', 900_000],
    [duration, '2h', 7_200_000],
    [duration, '35d', 3_024_000_000],
    [moment, '2026-11-17T00:00:00Z', '2026-11-17T00:00:00Z'],
    [moment, '2026-11-17T01:00:00.9+01:00', '2026-11-17T00:00:00Z'],
    [moment, '2026-11-17', '2026-11-17T00:00:00Z'],
    [url, 'https://outport.example/graphql', 'https://outport.example/graphql'],
    [jsonObject, '{"#s":"status"}', { '#s': 'status' }],
  ] as const)('%o reads %s', (read, text, value) => {
    expect(read(text)).toEqual(value);
  });

  test.each([
    [port, '65536'],
    [port, '1e3'],
    [count, '0'],
    [count, '-1'],
    [duration, '90'],
    [duration, '1w'],
    [moment, 'yesterday'],
    [moment, '2026-11-17T00:00:00'],
    [moment, '-2'],
    [url, 'outport'],
    [jsonObject, '[]'],
    [jsonObject, '{'],
    [filled, ''],
  ] as const)('%o refuses %j', (read, text) => {
    expect(() => read(text)).toThrow(InvalidArgumentError);
  });

  test('a duration ago is a moment', () => {
    const before = Date.now();
    const ago = Date.parse(moment('-2h'));

    expect(before - ago).toBeGreaterThanOrEqual(7_200_000);
    expect(before - ago).toBeLessThan(7_260_000);
  });

  test('parameters add up', () => {
    expect(parameter('b==', parameter('a=1', {}))).toEqual({ a: '1', b: '=' });
    expect(() => parameter('a', {})).toThrow('It must be NAME=VALUE.');
  });
});
