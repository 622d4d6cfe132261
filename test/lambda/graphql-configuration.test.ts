import { expect, test } from 'vitest';
import { readConfiguration } from '../../src/lambda/configuration.ts';

const ENV = {
  OUTPORT_TABLE: 'records',
  OUTPORT_EXPORT_ROLE: 'OutportExport',
  OUTPORT_ISSUERS: '[{"issuer":"https://id.example","audience":"outport"}]',
};

test('a complete configuration is read, with DynamoDB’s own quotas as limits', () => {
  expect(readConfiguration(ENV)).toEqual({
    tableName: 'records',
    roles: [{ account: null, team: null, role: 'OutportExport', externalId: null }],
    destinations: [{ bucket: null, owner: null, region: null, prefix: '', encryption: null }],
    issuers: [
      {
        issuer: 'https://id.example',
        audiences: ['outport'],
        subjectClaim: 'sub',
        nameClaim: 'name',
        teamsClaim: 'teams',
        teamPrefix: '',
        algorithms: ['RS256', 'ES256', 'EdDSA'],
      },
    ],
    accounts: [],
    limits: { maxExports: 300, maxBytes: 109_951_162_777_600 },
    quotas: [],
    maxQueued: 1_000,
    requestsPerMinute: 3_000,
    introspection: false,
    metricsNamespace: 'Outport',
  });
});

test('quotas are read in their order, of teams and of persons', () => {
  const quotas = '[{"team":"data","maxExports":20},{"person":"*","maxExports":3,"maxStartsPerDay":50}]';
  expect(readConfiguration({ ...ENV, OUTPORT_QUOTAS: quotas }).quotas).toEqual([
    { owner: 'team:data', maxExports: 20, maxStartsPerDay: null },
    { owner: 'person:*', maxExports: 3, maxStartsPerDay: 50 },
  ]);
});

test.each([
  ['OUTPORT_TABLE', ''],
  ['OUTPORT_EXPORT_ROLE', 'arn:aws:iam::1:role/x'],
  ['OUTPORT_ISSUERS', 'https://id.example'],
  ['OUTPORT_ISSUERS', '[{"issuer":"https://id.example"}]'],
  ['OUTPORT_ISSUERS', '[{"issuer":"not an address","audience":"outport"}]'],
  ['OUTPORT_MAX_EXPORTS', '0'],
  ['OUTPORT_MAX_BYTES', '100 TB'],
  ['OUTPORT_QUOTAS', '{"team":"data"}'],
  ['OUTPORT_QUOTAS', '[{"maxExports":1}]'],
  ['OUTPORT_QUOTAS', '[{"person":"ann","maxExports":1}]'],
  ['OUTPORT_QUOTAS', '[{"team":"data","person":"*","maxExports":1}]'],
  ['OUTPORT_QUOTAS', '[{"team":"data","maxExports":-1}]'],
  ['OUTPORT_QUOTAS', '[{"team":"data","maxStartsPerDay":1001}]'],
  ['OUTPORT_QUOTAS', '[{"team":"data","maxStartsADay":1}]'],
  ['OUTPORT_ACCOUNTS', '[{"account":"1","regions":["us-east-1"]}]'],
  ['OUTPORT_ACCOUNTS', '[{"account":"111122223333","regions":["here"]}]'],
  ['OUTPORT_REQUESTS_PER_MINUTE', '0'],
  ['OUTPORT_MAX_QUEUED', 'many'],
  ['OUTPORT_MAX_QUEUED', '10001'],
  ['OUTPORT_INTROSPECTION', 'yes'],
])('%s as %j fails the start by name', (variable, value) => {
  expect(() => readConfiguration({ ...ENV, [variable]: value })).toThrow(variable);
});
