import { isObjectType } from 'graphql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { beginOperation } from '../../src/lambda/socket-operations.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { ANN, ORIGIN } from '../support/people.ts';

let plane: TestControlPlane;
let token: string;
/** The resolvers that ran. */
const ran: string[] = [];

beforeAll(async () => {
  plane = await startControlPlane();
  token = await plane.issuer.token('ann', ['platform']);
  for (const type of [plane.controlPlane.schema.getQueryType(), plane.controlPlane.schema.getMutationType()]) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      field.resolve = (...args) => {
        ran.push(field.name);
        return resolve?.(...args);
      };
    }
  }
});
afterAll(() => plane.close());
beforeEach(() => {
  ran.length = 0;
});

const times = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

const EXPORTS = '{ exports(first: 1) { nodes { id } } }';
const path = (levels: number) =>
  times(levels - 3, (n) => `{ x${n}`).concat(' { y { z { id } } }', ' }'.repeat(levels - 3));
/** Costs 100 times (2 for the list, 2 for each node, and its scalars). */
const costing = (scalars: number, more = '') =>
  `query ($first: Int!) { ${more} exports(first: $first) { nodes { ${'id '.repeat(scalars)} } } }`;

interface Case {
  readonly limit: string;
  readonly within: string;
  readonly beyond: string;
  readonly reason: string;
  readonly variables?: Record<string, unknown>;
}

const CASES: Case[] = [
  {
    limit: '15 aliases',
    within: `{ ${times(14, (n) => `a${n}: __typename`)} e: exports(first: 1) { nodes { id } } }`,
    beyond: `{ ${times(15, (n) => `a${n}: __typename`)} e: exports(first: 1) { nodes { id } } }`,
    reason: 'TOO_MANY_ALIASES',
  },
  {
    limit: '50 directives',
    within: `{ exports(first: 1) { nodes { ${times(50, () => '... @include(if: true) { id }')} } } }`,
    beyond: `{ exports(first: 1) { nodes { ${times(51, () => '... @include(if: true) { id }')} } } }`,
    reason: 'TOO_MANY_DIRECTIVES',
  },
  {
    limit: 'a cost of 5,000',
    within: costing(46),
    beyond: costing(46, '__typename'),
    reason: 'QUERY_TOO_COSTLY',
    variables: { first: 100 },
  },
];

const overSocket = (query: string, variables?: Record<string, unknown>) => {
  const principal = { ...ANN, issuer: plane.issuer.url, expiresAtSeconds: Number.MAX_SAFE_INTEGER };
  return beginOperation(plane.controlPlane, ORIGIN, { query, variables }, principal);
};

test.each(CASES)('$limit are within the limit, one more is refused before any resolver runs', async (limitCase) => {
  const { within, beyond, reason, variables } = limitCase;
  expect(await plane.query(token, within, variables)).toMatchObject({ status: 200 });
  expect(ran).toEqual(['exports']);
  expect(await overSocket(within, variables)).toMatchObject({ kind: 'ANSWERED' });
  ran.length = 0;

  const extensions = { code: 'GRAPHQL_VALIDATION_FAILED', reason };
  expect(await plane.query(token, beyond, variables)).toMatchObject({
    status: 400,
    body: { errors: [{ extensions }] },
  });
  expect(await overSocket(beyond, variables)).toMatchObject({ kind: 'REFUSED', errors: [{ extensions }] });
  expect(ran).toEqual([]);
});

test('a query of 11 levels is refused before any resolver runs', async () => {
  const extensions = { code: 'GRAPHQL_VALIDATION_FAILED', reason: 'QUERY_TOO_DEEP' };
  expect(await plane.query(token, path(11))).toMatchObject({ status: 400, body: { errors: [{ extensions }] } });
  expect(await overSocket(path(11))).toMatchObject({ kind: 'REFUSED', errors: [{ extensions }] });
  expect(ran).toEqual([]);
});

test('answers tell what their operation cost: 2 an object, 1 a scalar, times the page, fragments included', async () => {
  const query = `query ($first: Int = 3) { exports(first: $first) { ...Page } __typename }
    fragment Page on ExportConnection { nodes { id status } pageInfo { hasNextPage } }`;
  const cost = (first: number) => ({ requested: first * (2 + (2 + 2) + (2 + 1)) + 1, limit: 5_000 });
  expect((await plane.query(token, query)).body.extensions).toEqual({ cost: cost(3) });
  expect((await plane.query(token, query, { first: 20 })).body.extensions).toEqual({ cost: cost(20) });
  expect(await overSocket(query, { first: 20 })).toMatchObject({ result: { extensions: { cost: cost(20) } } });
  const tooLong = await plane.query(token, costing(47), { first: 100 });
  expect(tooLong.body.errors[0].extensions.cost).toEqual({ requested: 5_100, limit: 5_000 });
});

test('a page whose length cannot be known costs as much as the longest', async () => {
  for (const variables of [{}, { first: null }, { first: 'x' }, { first: 1_000 }, { first: -5 }]) {
    const answer = await plane.query(token, costing(47), variables);
    expect(answer.body.errors[0].extensions).toMatchObject({ reason: 'QUERY_TOO_COSTLY' });
  }
  expect(ran).toEqual([]);
});

test('a batch and a body too large run no resolver', async () => {
  await plane.send(JSON.stringify([{ query: EXPORTS }]), { authorization: `Bearer ${token}` });
  await plane.send(JSON.stringify({ query: EXPORTS, variables: { x: 'y'.repeat(15_000) } }), {
    authorization: `Bearer ${token}`,
  });
  expect(ran).toEqual([]);
});
