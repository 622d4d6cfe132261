import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesWildcards } from '../../../src/local/aws/policy-conditions.ts';
import { evaluatePolicy, parsePolicy } from '../../../src/local/s3/bucket-policy.ts';

const caller = { accountId: '222222222222', arn: 'arn:aws:iam::222222222222:user/ann' };

/** What a policy of one statement says of reading `b/k`. */
function decide(statement: object, context: Record<string, string> = {}, resourceArn = 'arn:aws:s3:::b/k') {
  const complete = {
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::b/*',
    ...statement,
  };
  const policy = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: complete }), 'b');
  return evaluatePolicy(policy, { caller, action: 's3:GetObject', resourceArn, context });
}

describe('A condition', () => {
  const address = { 'aws:sourceip': '10.1.2.3' };
  it.each([
    [{ StringEquals: { 's3:prefix': ['a', 'b'] } }, { 's3:prefix': 'b' }, true],
    [{ StringEquals: { 's3:prefix': 'a' } }, { 's3:prefix': 'b' }, false],
    [{ StringEquals: { 's3:prefix': 'a' } }, {}, false],
    [{ StringEqualsIfExists: { 's3:prefix': 'a' } }, {}, true],
    [{ StringNotEquals: { 's3:prefix': ['a', 'b'] } }, { 's3:prefix': 'b' }, false],
    [{ StringNotEquals: { 's3:prefix': 'a' } }, {}, true],
    [{ StringEqualsIgnoreCase: { 's3:prefix': 'A' } }, { 's3:prefix': 'a' }, true],
    [{ StringLike: { 's3:prefix': 'a/*/c?' } }, { 's3:prefix': 'a/b/x/cd' }, true],
    [{ StringLike: { 's3:prefix': 'a.c' } }, { 's3:prefix': 'abc' }, false],
    [{ StringNotLike: { 's3:prefix': 'a*' } }, { 's3:prefix': 'abc' }, false],
    [
      { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x*' } },
      { 'aws:principalarn': 'arn:aws:iam::1:role/xy' },
      true,
    ],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:*:role/x' } }, { 'aws:principalarn': 'arn:aws:iam::1:role/x' }, false],
    [
      { ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::1:role/x' } },
      { 'aws:principalarn': 'arn:aws:iam::1:role/x' },
      false,
    ],
    [{ Bool: { 'aws:SecureTransport': 'TRUE' } }, { 'aws:securetransport': 'true' }, true],
    [{ Null: { 's3:prefix': 'true' } }, {}, true],
    [{ Null: { 's3:prefix': 'false' } }, {}, false],
    [{ IpAddress: { 'aws:SourceIp': ['192.168.0.0/16', '10.0.0.0/8'] } }, address, true],
    [{ IpAddress: { 'aws:SourceIp': '10.1.2.4' } }, address, false],
    [{ NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, address, false],
    [{ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }, { 'aws:sourceip': '::ffff:127.0.0.1' }, true],
    [{ IpAddress: { 'aws:SourceIp': '::1/128' } }, { 'aws:sourceip': '::1' }, true],
    [{ IpAddress: { 'aws:SourceIp': ['nonsense', '10.0.0.0/99'] } }, address, false],
    [{ StringEquals: { 's3:prefix': 'a' }, Bool: { 'aws:SecureTransport': 'true' } }, { 's3:prefix': 'a' }, false],
  ])('%j of %j', (Condition, context, holds) => {
    expect(decide({ Condition }, context)).toBe(holds ? 'ALLOW' : 'NO_STATEMENT');
  });
});

describe('A statement', () => {
  it('of all but some applies to the others', () => {
    const user = { AWS: caller.arn };
    expect(decide({ Principal: undefined, NotPrincipal: user })).toBe('NO_STATEMENT');
    expect(decide({ Principal: undefined, NotPrincipal: { AWS: '333333333333' } })).toBe('ALLOW');
    expect(decide({ Action: undefined, NotAction: 's3:Get*' })).toBe('NO_STATEMENT');
    expect(decide({ Action: undefined, NotAction: 's3:Put*' })).toBe('ALLOW');
    expect(decide({ Resource: undefined, NotResource: 'arn:aws:s3:::b/k' })).toBe('NO_STATEMENT');
    expect(decide({ Resource: undefined, NotResource: 'arn:aws:s3:::b/x' })).toBe('ALLOW');
  });

  it('does not mind the case of actions, but that of resources', () => {
    expect(decide({ Action: 'S3:getobject' })).toBe('ALLOW');
    expect(decide({ Resource: 'arn:aws:s3:::b/K' })).toBe('NO_STATEMENT');
  });

  it('for services and federated users lets no account in', () => {
    expect(decide({ Principal: { Service: 'dynamodb.amazonaws.com' } })).toBe('NO_STATEMENT');
    expect(decide({ Principal: { AWS: '333333333333', CanonicalUser: 'abc' } })).toBe('NO_STATEMENT');
  });
});

it('Wildcards match as the regular expressions they stand for, and soon', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(letters, patterns, (text, pattern) => {
      const expression = new RegExp(`^${pattern.replaceAll('?', '.').replaceAll('*', '.*')}$`);
      expect(matchesWildcards(text, pattern)).toBe(expression.test(text));
    }),
    { numRuns: 1000 },
  );
  expect(matchesWildcards('a'.repeat(1024), `${'*a'.repeat(200)}*b`)).toBe(false);
});
