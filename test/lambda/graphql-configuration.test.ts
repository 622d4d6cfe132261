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
    limits: { maxExports: 300, maxBytes: 109_951_162_777_600 },
    quotas: [],
    introspection: false,
  });
});

test.each([
  ['OUTPORT_TABLE', ''],
  ['OUTPORT_EXPORT_ROLE', 'arn:aws:iam::1:role/x'],
  ['OUTPORT_ISSUERS', 'https://id.example'],
  ['OUTPORT_ISSUERS', '[{"issuer":"https://id.example"}]'],
  ['OUTPORT_ISSUERS', '[{"issuer":"not an address","audience":"outport"}]'],
  ['OUTPORT_MAX_EXPORTS', '0'],
  ['OUTPORT_MAX_BYTES', '100 TB'],
  ['OUTPORT_INTROSPECTION', 'yes'],
])('%s as %j fails the start by name', (variable, value) => {
  expect(() => readConfiguration({ ...ENV, [variable]: value })).toThrow(variable);
});
