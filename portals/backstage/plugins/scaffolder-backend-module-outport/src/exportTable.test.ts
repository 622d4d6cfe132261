import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { mockCredentials, mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { scaffolderActionsExtensionPoint, type TemplateAction } from '@backstage/plugin-scaffolder-node';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import type { JsonValue } from '@backstage/types';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { OutportProcess } from '../../../../../test/support/outport.ts';
import {
  BUCKET,
  CLOSED_BUCKET,
  INVOICES,
  ORDERS,
  READER,
  startBackstage,
  startOutportWithTables,
} from '../../../test/portal';
import { createExportTableAction, exportTableInput } from './exportTable';
import scaffolderModuleOutport from './index';

const ANA = mockCredentials.user('user:default/ana');
const destination = { bucket: BUCKET, prefix: 'templates' };

let outport: OutportProcess;
let backstage: Awaited<ReturnType<typeof startBackstage>>;
let action: ReturnType<typeof createExportTableAction>;
const auth = mockServices.auth({ pluginId: 'scaffolder', disableDefaultAuthPolicy: false });

beforeAll(async () => {
  outport = await startOutportWithTables();
  backstage = await startBackstage(outport);
  action = createExportTableAction({
    auth,
    discovery: { getBaseUrl: async () => backstage.baseUrl, getExternalBaseUrl: async () => backstage.baseUrl },
  });
});

afterAll(async () => {
  await backstage?.stop();
  await outport?.stop();
});

type Context = Parameters<(typeof action)['handler']>[0];

/** Runs the action as a step of a task, and gives what it put out and logged. */
async function run(input: Context['input'], context: Partial<Context> = {}) {
  const outputs: Partial<Record<string, JsonValue>> = {};
  const logged: string[] = [];
  const log = (message: string) => void logged.push(message);
  const logger: LoggerService = { error: log, warn: log, info: log, debug: log, child: () => logger };
  await action.handler({
    ...createMockActionContext({ input, logger, task: { id: randomUUID() } }),
    getInitiatorCredentials: async () => ANA,
    output: (name, value) => {
      outputs[name] = value;
    },
    ...context,
  });
  return { outputs, logged };
}

const exportsOf = async (entityRef: string) => {
  const asked = await fetch(`${backstage.baseUrl}/tables/${entityRef.replace(':', '/')}/exports`);
  return (await asked.json()).exports.length;
};

describe('outport:exportTable', () => {
  it('starts an export and goes on', async () => {
    const { outputs, logged } = await run({ entityRef: ORDERS, destination });
    expect(outputs).toMatchObject({ exportId: expect.stringMatching(/^exp_/), status: expect.any(String) });
    expect(logged[0]).toContain(outputs.exportId);
  });

  it('waits until the files are complete, on credentials that outlive those of the user', async () => {
    const tokens = vi.spyOn(auth, 'getPluginRequestToken');
    const { outputs, logged } = await run({ entityRef: ORDERS, destination, waitForExport: true });
    const [asked, ...followed] = tokens.mock.calls.map(([{ onBehalfOf }]) => onBehalfOf.principal);
    expect(asked).toMatchObject({ userEntityRef: 'user:default/ana' });
    for (const principal of followed)
      expect(principal).toMatchObject({ type: 'service', subject: 'plugin:scaffolder' });
    expect(outputs).toMatchObject({
      status: 'COMPLETED',
      itemCount: 3,
      exportArn: expect.stringMatching(/^arn:aws:dynamodb:/),
      exportManifest: expect.stringMatching(/^templates\/AWSDynamoDB\/.*manifest-summary\.json$/),
    });
    expect(logged.at(-1)).toContain('COMPLETED');
  });

  it('starts no second export when its task is retried', async () => {
    const task = { id: randomUUID() };
    const first = await run({ entityRef: ORDERS, destination }, { task });
    const before = await exportsOf(ORDERS);
    const retried = await run({ entityRef: ORDERS, destination, waitForExport: true }, { task });

    expect(retried.outputs.exportId).toBe(first.outputs.exportId);
    expect(await exportsOf(ORDERS)).toBe(before);
  });

  it('starts an export for each step and each round of a step', async () => {
    const task = { id: randomUUID() };
    const input = { entityRef: ORDERS, destination };
    const runs = [{}, { step: { id: 'again' } }, { each: { key: '0' } }, { each: { key: '1' } }];
    const ran = await Promise.all(runs.map((context) => run(input, { task, ...context })));
    expect(new Set(ran.map(({ outputs }) => outputs.exportId)).size).toBe(runs.length);
  });

  it('checks in a dry run, and starts nothing', async () => {
    const before = await exportsOf(ORDERS);
    const { outputs, logged } = await run({ entityRef: ORDERS, destination }, { isDryRun: true });
    expect(outputs).toEqual({});
    expect(logged.at(-1)).toContain('would be started');
    expect(await exportsOf(ORDERS)).toBe(before);

    await expect(run({ entityRef: INVOICES, destination }, { isDryRun: true })).rejects.toThrow(
      /would fail\. .*recovery/,
    );
  });

  it('fails when the export does, with the reason', async () => {
    const input = { entityRef: ORDERS, destination: { bucket: CLOSED_BUCKET } };
    await expect(run(input)).resolves.toBeTruthy();
    await expect(run({ ...input, waitForExport: true })).rejects.toThrow(/is FAILED\. .*AccessDenied/);
  });

  it('does for a user what that user may, and nothing else', async () => {
    const getInitiatorCredentials = async () => mockCredentials.user(READER);
    await expect(run({ entityRef: ORDERS, destination }, { getInitiatorCredentials })).rejects.toThrow(
      'outport.export.create',
    );
  });

  it('has examples that it takes', () => {
    for (const { example } of action.examples ?? []) {
      for (const step of parse(example).steps) expect(exportTableInput.parse(step.input)).toEqual(step.input);
    }
  });

  it('is among the actions of a scaffolder with the module', async () => {
    const added: TemplateAction[] = [];
    const scaffolder = { addActions: (...actions: TemplateAction[]) => void added.push(...actions) };
    const backend = await startTestBackend({
      extensionPoints: [[scaffolderActionsExtensionPoint, scaffolder]],
      features: [scaffolderModuleOutport],
    });
    expect(added.map(({ id, supportsDryRun }) => [id, supportsDryRun])).toEqual([['outport:exportTable', true]]);
    await backend.stop();
  });
});
