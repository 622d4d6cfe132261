import { createHash } from 'node:crypto';
import type { AuthService, BackstageCredentials, DiscoveryService, LoggerService } from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  type Export,
  exportRequestSchema,
  OutportBackendClient,
  type Preflight,
} from '@outport/backstage-plugin-outport-common';
import { z } from 'zod/v3';
import { examples } from './exportTable.examples';

/** What a step of a template gives to the action. */
export const exportTableInput = exportRequestSchema.extend({
  entityRef: z.string().describe('The entity whose annotation outport.dev/table-arn names the table'),
  waitForExport: z
    .boolean()
    .optional()
    .describe('Whether the step ends when the export has, and fails if it does; left out, when it was accepted'),
});

/** Creates the action `outport:exportTable`, which exports the DynamoDB table that a catalog entity stands for. */
export function createExportTableAction({ auth, discovery }: { auth: AuthService; discovery: DiscoveryService }) {
  return createTemplateAction({
    id: 'outport:exportTable',
    description:
      'Exports the DynamoDB table that a catalog entity stands for to S3, as it was at a moment of its recovery window',
    examples,
    supportsDryRun: true,
    schema: {
      input: () => exportTableInput,
      output: {
        exportId: () => z.string().describe('The id of the export in Outport'),
        status: () => z.string().describe('Where the export stands at the end of the step'),
        exportArn: () => z.string().optional().describe("DynamoDB's ARN of the export, once it has been started"),
        exportManifest: () =>
          z.string().optional().describe('Key of manifest-summary.json in the bucket, once COMPLETED'),
        itemCount: () => z.number().optional().describe('Items exported, once COMPLETED'),
      },
    },
    async handler(ctx) {
      const { entityRef, waitForExport = false, ...wanted } = ctx.input;
      const outportFor = (credentials: BackstageCredentials) =>
        new OutportBackendClient({ discoveryApi: discovery, fetchApi: { fetch: fetchAs(auth, credentials) } });
      const asked = outportFor(await ctx.getInitiatorCredentials());
      const request = { ...wanted, clientToken: clientTokenOf(ctx.task.id, ctx.step?.id, ctx.each) };
      if (ctx.isDryRun) {
        ctx.logger.info(found(entityRef, await asked.preflight(entityRef, request)));
        return;
      }

      const started = await asked.startExport(entityRef, request);
      ctx.logger.info(`Export ${started.id} of ${started.tableArn} is ${started.status}.`);
      ctx.output('exportId', started.id);
      // Credentials of a user may expire before the export ends; whoever could start it may hear of its end.
      const following = waitForExport ? outportFor(await auth.getOwnServiceCredentials()) : undefined;
      const last = following ? await wait(following, entityRef, started, ctx) : started;

      ctx.output('status', last.status);
      if (last.exportArn) ctx.output('exportArn', last.exportArn);
      if (last.exportManifest) ctx.output('exportManifest', last.exportManifest);
      if (last.itemCount !== null) ctx.output('itemCount', last.itemCount);
    },
  });
}

/** What a preflight found, to be logged. @throws when the export would fail, for everything that it would fail for */
function found(entityRef: string, { ready, checks }: Preflight): string {
  const open = checks.filter(({ status }) => status !== 'PASSED');
  const reasons = open.map(({ message, remedy }) => [message, remedy].filter(Boolean).join(' ')).join(' ');
  if (!ready) throw new Error(`The export of ${entityRef} would fail. ${reasons}`);
  return `The export of ${entityRef} would be started. ${reasons}`.trim();
}

/** @throws when the export has ended without files to use */
async function wait(
  outport: OutportBackendClient,
  entityRef: string,
  { id }: Export,
  { logger, signal = new AbortController().signal }: { logger: LoggerService; signal?: AbortSignal },
): Promise<Export> {
  let said = '';
  const ended = await outport.waitForExport(entityRef, id, {
    signal,
    onUpdate: ({ status, progress }) => {
      const percent = progress?.estimatedPercent;
      const now = `Export ${id} is ${status}${percent == null ? '' : `, about ${percent} % written`}.`;
      if (now !== said) logger.info(now);
      said = now;
    },
  });
  if (ended.status === 'COMPLETED') return ended;
  const { message, remedy } = ended.failure ?? { message: 'It was canceled.', remedy: '' };
  throw new Error(`Export ${id} is ${ended.status}. ${message} ${remedy}`.trim());
}

/**
 * The same whenever a step of a task is run, so that a task that is retried or recovered finds the export that it has
 * started before. `each` tells the rounds of a step apart.
 */
function clientTokenOf(taskId: string, stepId: string | undefined, each: unknown): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([taskId, stepId, each]))
    .digest('hex');
  return `backstage-${digest.slice(0, 48)}`;
}

/** Calls the plugin `outport` with a new token each time: they are short-lived. */
function fetchAs(auth: AuthService, onBehalfOf: BackstageCredentials): typeof fetch {
  return async (input, init) => {
    const { token } = await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: 'outport' });
    return fetch(input, { ...init, headers: { ...init?.headers, authorization: `Bearer ${token}` } });
  };
}
