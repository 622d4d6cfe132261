import { describe, expect, test } from 'vitest';
import { compileFilters } from '../../../src/local/host/event-filter.ts';

const record = {
  eventName: 'INSERT',
  dynamodb: { NewImage: { kind: { S: 'EXPORT' }, tags: ['red', 'blue'], size: 12, gone: null } },
};

describe('compileFilters', () => {
  test.each([
    ['an exact value', { eventName: ['INSERT'] }],
    ['one of several values', { eventName: ['MODIFY', 'INSERT'] }],
    ['a nested value', { dynamodb: { NewImage: { kind: { S: ['EXPORT'] } } } }],
    ['an element of a list', { dynamodb: { NewImage: { tags: ['blue'] } } }],
    ['null', { dynamodb: { NewImage: { gone: [null] } } }],
    ['a prefix', { dynamodb: { NewImage: { kind: { S: [{ prefix: 'EXP' }] } } } }],
    ['anything but another value', { eventName: [{ 'anything-but': 'REMOVE' }] }],
    ['anything but several others', { eventName: [{ 'anything-but': ['REMOVE', 'MODIFY'] }] }],
    ['an existing leaf', { dynamodb: { NewImage: { size: [{ exists: true }] } } }],
    ['an absent field', { dynamodb: { OldImage: [{ exists: false }] } }],
    ['a range of numbers', { dynamodb: { NewImage: { size: [{ numeric: ['>', 10, '<=', 12] }] } } }],
  ])('passes %s', (_name, pattern) => {
    expect(compileFilters([pattern])(record)).toBe(true);
  });

  test.each([
    ['another value', { eventName: ['REMOVE'] }],
    ['one of two fields that differs', { eventName: ['INSERT'], eventSource: ['aws:dynamodb'] }],
    ['a missing branch', { dynamodb: { OldImage: { kind: { S: ['EXPORT'] } } } }],
    ['another prefix', { eventName: [{ prefix: 'MOD' }] }],
    ['an excluded value', { eventName: [{ 'anything-but': ['INSERT'] }] }],
    ['an absent field as anything but a value', { eventSource: [{ 'anything-but': ['x'] }] }],
    ['an object as an existing leaf', { dynamodb: [{ exists: true }] }],
    ['a number out of range', { dynamodb: { NewImage: { size: [{ numeric: ['<', 12] }] } } }],
    ['a text as a number', { eventName: [{ numeric: ['=', 0] }] }],
  ])('holds back %s', (_name, pattern) => {
    expect(compileFilters([pattern])(record)).toBe(false);
  });

  test('passes everything without patterns, and any match among several', () => {
    expect(compileFilters([])(record)).toBe(true);
    expect(compileFilters([{ eventName: ['REMOVE'] }, { eventName: ['INSERT'] }])(record)).toBe(true);
  });

  test.each([
    [{ eventName: [{ suffix: 'RT' }] }],
    [{ eventName: [{ 'anything-but': { prefix: 'x' } }] }],
    [{ eventName: [{ numeric: ['~', 1] }] }],
    [{ eventName: 'INSERT' }],
    [{ eventName: [] }],
    ['INSERT'],
  ])('refuses %j rather than match more or less than Lambda does', (pattern) => {
    expect(() => compileFilters([pattern])).toThrow(/^Filter pattern/);
  });
});
