import type { HttpAuthService, PermissionsService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  exportRequestSchema,
  outportExportCreatePermission,
  outportExportReadPermission,
} from '@outport/backstage-plugin-outport-common';
import express, { type ErrorRequestHandler, type Response, type Router } from 'express';
import promiseRouter from 'express-promise-router';
import { PreflightDocument } from 'outport/client';
import { z } from 'zod/v3';
import { asBackstageError } from './errors';
import { exportOfTable, newestExports } from './exportsOfTable';
import type { OutportClients } from './outportClients';
import { authorizeTable } from './tableAccess';

/** Then a stream ends, and whoever reads it comes back and is authorized again. */
const STREAM_FOR_MS = 10 * 60_000;

const requestSchema = exportRequestSchema.extend({ clientToken: z.string() }).strict();

interface RouterOptions {
  readonly outport: OutportClients;
  readonly catalog: CatalogService;
  readonly httpAuth: HttpAuthService;
  readonly permissions: PermissionsService;
}

/** What Backstage may ask of Outport: this, and nothing else. */
export function createRouter({ outport, ...services }: RouterOptions): Router {
  const router = promiseRouter();
  router.use(express.json());

  router.get('/tables/:kind/:namespace/:name/exports', async (request, response) => {
    const { tableArn, caller } = await authorizeTable(services, request, outportExportReadPermission);
    response.json({ exports: await newestExports(outport.askedBy(caller), tableArn) });
  });

  router.get('/tables/:kind/:namespace/:name/exports/updates', async (request, response) => {
    const { tableArn } = await authorizeTable(services, request, outportExportReadPermission);
    await tell(response, (signal) => outport.follower.watchExports({ tableArn }, { signal }));
  });

  router.get('/tables/:kind/:namespace/:name/exports/:id', async (request, response) => {
    const { tableArn, caller } = await authorizeTable(services, request, outportExportReadPermission);
    response.json(await exportOfTable(outport.askedBy(caller), tableArn, request.params.id));
  });

  router.post('/tables/:kind/:namespace/:name/exports', async (request, response) => {
    const { tableArn, caller } = await authorizeTable(services, request, outportExportCreatePermission);
    const started = await outport.askedBy(caller).exportTable({ ...parseRequest(request.body), tableArn });
    response.json(started.export);
  });

  router.post('/tables/:kind/:namespace/:name/preflight', async (request, response) => {
    const { tableArn, caller } = await authorizeTable(services, request, outportExportCreatePermission);
    const input = { ...parseRequest(request.body), tableArn };
    response.json((await outport.askedBy(caller).request(PreflightDocument, { input })).preflight);
  });

  const translateErrors: ErrorRequestHandler = (error, _request, _response, next) => next(asBackstageError(error));
  router.use(translateErrors);
  return router;
}

function parseRequest(body: unknown): z.infer<typeof requestSchema> {
  const parsed = requestSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  throw new InputError(`This is no request for an export: ${issues.join('; ')}`);
}

/** Sends updates as server-sent events, until the client goes or it is time to come back. */
async function tell(response: Response, updates: (signal: AbortSignal) => AsyncIterable<unknown>): Promise<void> {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  const end = AbortSignal.any([closed.signal, AbortSignal.timeout(STREAM_FOR_MS)]);
  // Neither Backstage nor a proxy shall hold events back to compress or buffer them.
  response.set({
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  try {
    for await (const update of updates(end)) response.write(`data: ${JSON.stringify(update)}\n\n`);
  } catch (error) {
    if (!end.aborted) throw error;
    response.end();
  }
}
