import { auditServer } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OutportProcess, startOutport } from '../support/outport.ts';

let outport: OutportProcess;
beforeAll(async () => {
  // The audits introspect, and introspection that is on is what must be bounded.
  outport = await startOutport({ params: { introspection: 'true' } });
});
afterAll(() => outport.stop());

const asDeveloper = (url: string, init: RequestInit = {}) =>
  fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${outport.token}` } });

/**
 * Where Outport differs on purpose: see src/resolvers/top-level-errors.ts for its statuses.
 *
 * - It has no GET, so that nothing can be asked of it by a link.
 * - A request that is not understood is 400 also for clients that ask for `application/json`: many of them look at the
 *   status alone, and would take an error for an answer.
 */
const DIFFERENCES = [
  'MAY accept application/x-www-form-urlencoded formatted GET requests',
  'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
  'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
  'SHOULD use 200 status code on document parsing failure when accepting application/json',
  'SHOULD use 200 status code on document validation failure when accepting application/json',
  'SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
];

test('everything that GraphQL over HTTP demands or recommends is so, but for what is meant to differ', async () => {
  const results = await auditServer({ url: outport.graphqlUrl, fetchFn: asDeveloper });
  expect(results.length).toBeGreaterThan(60);
  expect(results.flatMap(({ status, name }) => (status === 'ok' ? [] : name)).toSorted()).toEqual(DIFFERENCES);
});

describe('what graphql-cop looks for is not found:', () => {
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    asDeveloper(outport.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const query = (text: string) => post({ query: text });
  const get = (path: string, headers: Record<string, string> = {}) =>
    asDeveloper(new URL(path, outport.graphqlUrl).href, { headers });
  const repeated = (times: number, text: (n: number) => string) =>
    Array.from({ length: times }, (_, n) => text(n)).join(' ');
  const circular = (levels: number): string => (levels === 0 ? 'name' : `fields { type { ${circular(levels - 1)} } }`);

  test.each<[string, () => Promise<Response>, number]>([
    ['alias overloading', () => query(`{ ${repeated(101, (n) => `a${n}: __typename`)} }`), 400],
    ['batches', () => post(Array.from({ length: 10 }, () => ({ query: '{ __typename }' }))), 400],
    ['directive overloading', () => query(`{ __typename ${repeated(60, () => '@include(if: true)')} }`), 400],
    ['field duplication', () => query(`{ ${repeated(1_000, () => '__typename')} }`), 400],
    ['circular introspection', () => query(`{ __schema { types { ${circular(5)} } } }`), 400],
    ['queries by GET', () => get('/graphql?query=%7B__typename%7D'), 405],
    ['mutations by GET', () => get('/graphql?query=mutation%7B__typename%7D'), 405],
    [
      'queries as forms',
      () => post('query=%7B__typename%7D', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
    ],
    ['GraphiQL at the address of the API', () => get('/graphql', { accept: 'text/html' }), 405],
  ])('%s', async (_what, send, status) => {
    const response = await send();
    const text = await response.text();
    expect({ status: response.status, text }).toMatchObject({ status, text: expect.not.stringContaining('"data"') });
    expect(text).not.toContain('<');
    if (status === 405) expect(response.headers.get('allow')).toBe('POST');
  });

  test('suggestions of fields, tracing, and errors with a stack', async () => {
    const traced = await post(
      { query: '{ __typename }', extensions: {} },
      { 'apollo-tracing': '1', 'x-apollo-tracing': '1' },
    );
    const { extensions } = (await traced.json()) as { extensions: object };
    expect(Object.keys(extensions)).toEqual(['cost']);
    for (const body of [{ query: '{ expotr { id } }' }, { query: 'query (' }, { query: ['x'] }, { foo: 1 }]) {
      expect(await (await post(body)).text()).not.toMatch(/Did you mean|stack|exception|\.[cm]?[jt]s\b/);
    }
  });
});
