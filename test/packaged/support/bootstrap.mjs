// Stands in for AWS's runtime interface client where that cannot be built: the same Runtime API, without its logging.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { AWS_LAMBDA_RUNTIME_API: api, LAMBDA_TASK_ROOT: root = '' } = process.env;
const address = (/** @type {string} */ name) => `http://${api}/2018-06-01/runtime/${name}`;
const post = (/** @type {string} */ name, /** @type {unknown} */ body) =>
  fetch(address(name), { method: 'POST', body: JSON.stringify(body ?? null) });
const reported = (/** @type {unknown} */ error) => ({
  errorType: error instanceof Error ? error.name : typeof error,
  errorMessage: error instanceof Error ? error.message : String(error),
});

const [, file = '', exported = ''] = /^(.*)\.([^.]+)$/.exec(process.argv[2] ?? '') ?? [];
const loaded = await import(pathToFileURL(path.join(root, `${file}.mjs`)).href).catch(async (error) => {
  await post('init/error', reported(error));
  process.exit(1);
});

for (;;) {
  const next = await fetch(address('invocation/next'));
  const awsRequestId = next.headers.get('lambda-runtime-aws-request-id');
  const deadlineMs = Number(next.headers.get('lambda-runtime-deadline-ms'));
  const context = { awsRequestId, getRemainingTimeInMillis: () => deadlineMs - Date.now() };
  try {
    await post(`invocation/${awsRequestId}/response`, await loaded[exported](await next.json(), context));
  } catch (error) {
    await post(`invocation/${awsRequestId}/error`, reported(error));
  }
}
