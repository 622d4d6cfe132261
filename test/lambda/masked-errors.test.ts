import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { afterAll, afterEach, beforeAll, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { beginOperation } from '../../src/lambda/socket-operations.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';
import { exportInProgress, writeMove } from '../support/export-moves.ts';

const ID = 'exp_1';
const SECRET = 'the password is swordfish';

let plane: TestControlPlane;
let token: string;
let log: MockInstance;
beforeAll(async () => {
  plane = await startControlPlane();
  token = await plane.issuer.token('ann', ['platform']);
  await writeMove(plane.outport.table, exportInProgress(ID, 1));
});
afterAll(() => plane.close());
beforeEach(() => {
  log = vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

/** The latest failure in the log, among whatever else is there. */
const lastError = () =>
  log.mock.calls.map(([line]) => JSON.parse(String(line))).findLast(({ level }) => level === 'ERROR');

type Field = GraphQLField<unknown, unknown>;

/** The least that a value of an input type can be. */
function literalOf(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literalOf(type.ofType);
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(isRequiredInputField);
    return `{ ${fields.map(({ name, type: of }) => `${name}: ${literalOf(of)}`).join(', ')} }`;
  }
  const { name } = getNamedType(type);
  return name === 'Int' ? '1' : name === 'Boolean' ? 'true' : '"x"';
}

function selectionOf({ name, args, type }: Field): string {
  const literals = args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${literalOf(arg.type)}`);
  const inner = isLeafType(getNamedType(type)) ? '' : '{ __typename }';
  return `${name}${literals.length > 0 ? `(${literals.join(', ')})` : ''} ${inner}`;
}

const typeNamed = (name: string): GraphQLObjectType => {
  const type = plane.controlPlane.schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no object type`);
  return type;
};

/** What the caller may be told: that it failed, and where to look. */
const MASKED = {
  message: 'Internal server error',
  extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
};

/** The types whose fields have resolvers of their own, and a document that reaches a field of them. */
const TYPES: Array<[string, (selection: string) => string]> = [
  ['Query', (selection) => `{ ${selection} }`],
  ['Mutation', (selection) => `mutation { ${selection} }`],
  ['Viewer', (selection) => `{ viewer { ${selection} } }`],
  ['Export', (selection) => `{ export(id: "${ID}") { ${selection} } }`],
  ['AuditEventConnection', (selection) => `{ auditEvents(first: 1) { ${selection} } }`],
];

test.each(TYPES)(
  'whatever fails in a field of %s is told to the log and not to the caller',
  async (name, documentOf) => {
    const fields = Object.values(typeNamed(name).getFields());
    expect(fields.length).toBeGreaterThan(0);
    for (const field of fields) {
      const { resolve } = field;
      field.resolve = async () => {
        throw new TypeError(SECRET);
      };
      const { headers, body } = await plane.query(token, documentOf(selectionOf(field)));
      field.resolve = resolve;

      const requestId = headers['x-request-id'];
      expect(body.errors, field.name).toEqual([
        expect.objectContaining({ ...MASKED, extensions: { ...MASKED.extensions, requestId } }),
      ]);
      expect(JSON.stringify({ headers, body })).not.toContain(SECRET);
      const logged = lastError();
      expect(logged).toMatchObject({ level: 'ERROR', requestId, message: SECRET });
      expect(logged.path.split('.').at(-1)).toBe(field.name);
      expect(logged.stack).toContain('masked-errors.test.ts');
    }
  },
);

test('whatever fails in a subscription is told to the log and not to the subscriber', async () => {
  const [field] = Object.values(typeNamed('Subscription').getFields());
  if (!field) throw new Error('there is no subscription');
  const principal = { issuer: plane.issuer.url, subject: 'ann', name: null, teams: [], expiresAtSeconds: 0 };
  const origin = { requestId: 'r-1', sourceIpAddress: '192.0.2.7', userAgent: null };
  const { resolve } = field;
  field.resolve = async () => {
    throw new TypeError(SECRET);
  };
  const query = `subscription { ${selectionOf(field)} }`;
  const operation = await beginOperation(plane.controlPlane, origin, { query }, principal);
  field.resolve = resolve;
  expect(operation).toMatchObject({ kind: 'REFUSED', errors: [MASKED] });
  expect(JSON.stringify(operation)).not.toContain(SECRET);
  expect(lastError()).toMatchObject({ requestId: 'r-1', message: SECRET });
});
