import type { AppConfig } from '@backstage/config';
import { loadConfigSchema } from '@backstage/config-loader';
import type { JsonObject } from '@backstage/types';
import { expect, it } from 'vitest';

const AUTH = { token: 'secret-1', clientCredentials: { tokenUrl: 't', clientId: 'c', clientSecret: 'secret-2' } };

/** The app-config of a Backstage, with this section. */
const configured = (outport: JsonObject): AppConfig[] => [
  {
    context: 'app-config.yaml',
    data: {
      app: { baseUrl: 'http://localhost:3000' },
      backend: {
        baseUrl: 'http://localhost:7007',
        listen: ':7007',
        database: { client: 'better-sqlite3', connection: ':memory:' },
      },
      outport,
    },
  },
];

it('the configuration has a schema, by which no secret reaches a browser', async () => {
  const schema = await loadConfigSchema({ dependencies: [], packagePaths: ['plugins/outport-backend/package.json'] });
  const outport = { url: 'https://outport.example.com/graphql', auth: AUTH };

  const [shown] = schema.process(configured(outport), { visibility: ['frontend'] });
  expect(shown?.data).not.toHaveProperty('outport');
  const [secret] = schema.process(configured(outport), { visibility: ['secret'] });
  expect(secret?.data.outport).toEqual({
    auth: { token: 'secret-1', clientCredentials: { clientSecret: 'secret-2' } },
  });
  expect(() => schema.process(configured({ auth: AUTH }))).toThrow(/url/);
});
