import type { Principal } from '../../src/services/principal.ts';

/** Of the platform team, which the default policies let do everything. */
export const ANN: Principal = {
  issuer: 'https://id.example',
  subject: 'ann',
  name: null,
  teams: ['platform'],
  expiresAtSeconds: 0,
};

/** Where a request came from. */
export const ORIGIN = { requestId: 'r', sourceIpAddress: '192.0.2.7', userAgent: null };
