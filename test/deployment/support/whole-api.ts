import { setTimeout as wait } from 'node:timers/promises';

/** Sends one operation in somebody's name, over one transport or the other, and returns the data of the answer. */
// biome-ignore lint/suspicious/noExplicitAny: answers of any query
export type Ask = (query: string, variables?: Record<string, unknown>) => Promise<any>;

export interface Callers {
  /** Whoever has room for exports. */
  readonly platform: Ask;
  /** Whoever has none: every export of theirs waits. */
  readonly waiting: Ask;
}

export interface Place {
  readonly tableArn: string;
  readonly bucket: string;
  /** What no other run in the same Outport uses. */
  readonly name: string;
}

const PAYLOAD = '{ export { id status queuePosition } userErrors { code message } }';
const EXPORT_TABLE = `mutation ($input: ExportTableInput!) { exportTable(input: $input) ${PAYLOAD} }`;
const EXPORT = `query ($id: ID!) {
  export(id: $id) {
    status queuePosition verification { status deep } retryOf { id } viewerCanCancel viewerCanRetry viewerCanVerify
  }
}`;
const EXPORTS = `query ($filter: ExportFilter) {
  exports(first: 10, filter: $filter) { nodes { id source queuePosition retryOf { id } } }
}`;
const AUDIT = `query ($filter: AuditEventFilter) {
  auditEvents(first: 10, filter: $filter) { nodes { eventName } ingestedThrough }
}`;

/** Uses every operation of the API, each in every way that has Outport call AWS differently. */
export async function useWholeApi({ platform, waiting }: Callers, { tableArn, bucket, name }: Place): Promise<void> {
  const input = { tableArn, destination: { bucket, prefix: name } };
  // Before there are exports that its first link could be estimated by.
  await keepExported(platform, { ...input, clientToken: `${name}-schedule`, windowMinutes: 15 });
  await platform('query ($input: ExportTableInput!) { preflight(input: $input) { ready } }', {
    input: { ...input, clientToken: `${name}-preflight` },
  });

  const { exportTable } = await platform(EXPORT_TABLE, { input: { ...input, clientToken: `${name}-completes` } });
  const { id } = exportTable.export;
  await until(
    platform,
    id,
    ({ status, verification }) => status === 'COMPLETED' && verification?.status === 'VERIFIED',
  );
  await platform(
    'mutation ($input: VerifyExportInput!) { verifyExport(input: $input) { export { id } userErrors { code } } }',
    { input: { id, deep: true } },
  );

  await platform(
    `{ accounts { account region } tables(account: "000000000000", region: "us-east-1", first: 10) { nodes { tableName } } }`,
  );
  await platform(
    `query ($tableArn: String!) { table(tableArn: $tableArn) {
       itemCount recovery { earliestRestorableTime } exports(first: 1) { nodes { id } } } }`,
    { tableArn },
  );
  await platform(
    `query ($id: ID!) { export(id: $id) {
       files(first: 10) { nodes { downloadUrl } } preview(first: 10) { itemsRead } snippets { text } story { title } } }`,
    { id },
  );

  // What it asks of AWS is what `exportTable` does; of an export that did not fail it is refused.
  await platform(`mutation ($input: RetryExportInput!) { retryExport(input: $input) ${PAYLOAD} }`, {
    input: { id, clientToken: `${name}-retries` },
  });

  const held = await waiting(EXPORT_TABLE, { input: { ...input, clientToken: `${name}-waits` } });
  await waiting(`mutation ($input: CancelExportInput!) { cancelExport(input: $input) ${PAYLOAD} }`, {
    input: { id: held.exportTable.export.id },
  });
  await waiting(EXPORT_TABLE, { input: { ...input, clientToken: `${name}-refused`, whenFull: 'REFUSE' } });

  const filters = [{}, { tableArn }, { requestedBy: { subject: 'ana' } }, { team: 'platform' }, { status: 'FAILED' }];
  for (const filter of filters) await platform(EXPORTS, { filter });
  for (const filter of [{}, { exportId: id }, { tableArn }, { principal: 'ana' }]) await platform(AUDIT, { filter });
  await platform('{ auditChain(chain: 0, first: 10) { entries { sequence } } }');
  await platform('{ limits(account: "000000000000", region: "us-east-1") { queued exports { inUse max } } }');
  await platform('query ($input: CanExportTableInput!) { viewer { canExportTable(input: $input) { allowed } } }', {
    input: { tableArn, destination: { bucket } },
  });
}

/** Asks for a schedule, waits for its first export, and does with it all that can be done. */
async function keepExported(platform: Ask, input: Record<string, unknown>): Promise<void> {
  const { createSchedule } = await platform(
    'mutation ($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { id } userErrors { message } } }',
    { input },
  );
  const { id } = createSchedule.schedule;
  for (;;) {
    const { schedule } = await platform(
      'query ($id: ID!) { schedule(id: $id) { verdict { links } chain(first: 1) { nodes { export { status } } } } }',
      { id },
    );
    if (schedule.chain.nodes[0]?.export) break;
    await wait(200);
  }
  await platform('{ schedules(first: 10) { nodes { id } } }');
  await platform('query ($tableArn: String) { schedules(first: 10, tableArn: $tableArn) { nodes { id } } }', input);
  for (const change of ['pauseSchedule', 'resumeSchedule', 'deleteSchedule']) {
    await platform(`mutation ($id: ID!) { ${change}(input: { id: $id }) { userErrors { code } } }`, { id });
  }
}

/** Asks for an export until it is as it should become. */
async function until(
  ask: Ask,
  id: string,
  // biome-ignore lint/suspicious/noExplicitAny: the fields of an export
  isReached: (found: any) => boolean,
): Promise<void> {
  for (;;) {
    const { export: found } = await ask(EXPORT, { id });
    if (isReached(found)) return;
    await wait(200);
  }
}
