/**
 * A morning of a platform team: what two teams, an intruder and the owner of another account see of Outport, and what the
 * audit has of it at the end. Everything that is printed is asserted; it ends with 1 when something is not as told.
 *
 *   node build/cli/governance.mjs [--data DIR]
 */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { cities } from './cities.ts';
import { createTable, putAll } from './load.ts';
import { type RunningOutport, startOutport } from './outport.ts';
import { type Answer, type AuditEvent, type Export, Person } from './person.ts';
import { serviceWithPolicies } from './service-with-policies.ts';
import { clock, detail, say, tally, title, told } from './telling.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const PARTNER = '444455556666';
const ITEMS = 8_000;

const PARAMS = {
  maxExports: '1',
  quotas: JSON.stringify([{ team: '*', maxExports: 1, maxStartsPerDay: 20 }]),
  destinations: JSON.stringify([
    { bucket: 'lake', prefix: 'exports/{team}/' },
    { bucket: 'partner-drop', owner: PARTNER, prefix: 'exports/{team}/' },
  ]),
  externalId: 'outport:governance',
};

// The SDK warns of Node 20 at every start, which is not this demo's story.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const { values } = parseArgs({ options: { data: { type: 'string', default: '.outport-governance' } } });
const dataDirectory = path.resolve(values.data);
const startedAt = performance.now();

// A morning begins with nothing: what is told of the audit is all that is in it.
await rm(dataDirectory, { recursive: true, force: true });
const command = serviceWithPolicies(fileURLToPath(new URL('../../demo/policies/teams.cedar', import.meta.url)));
/** Exports end within a second here: while DynamoDB does not say how they stand, they stay in flight as in AWS. */
const faultsFile = path.join(dataDirectory, 'faults.json');
let outport = await startOutport(dataDirectory, { command, params: PARAMS, faultsFile });
try {
  await morning();
} finally {
  await outport.stop();
}
console.log(`\ndemo:governance: everything as told, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);

async function morning(): Promise<void> {
  const [ours, theirs] = [clientsOf(outport, ACCOUNT), clientsOf(outport, PARTNER)];
  const tableArn = await createTable(ours.dynamodb, 'orders');
  await putAll(ours.dynamodb, 'orders', cities.slice(0, ITEMS), () => {});
  for (const Bucket of ['lake', 'payroll']) await ours.s3.send(new CreateBucketCommand({ Bucket }));
  await theirs.s3.send(new CreateBucketCommand({ Bucket: 'partner-drop' }));
  const people = {
    ana: await Person.withToken(outport, 'Ana', ['payments']),
    cid: await Person.withToken(outport, 'Cid', ['payments']),
    ben: await Person.withToken(outport, 'Ben', ['analytics']),
    mallory: await Person.withToken(outport, 'Mallory', ['marketing']),
    pat: await Person.withToken(outport, 'Pat', ['platform']),
  };
  const { ana, ben, pat } = people;
  const toLake = (team: string) => ({ tableArn, destination: { bucket: 'lake', prefix: `exports/${team}/orders` } });
  const toPartner = {
    tableArn,
    destination: { bucket: 'partner-drop', bucketOwner: PARTNER, prefix: 'exports/analytics/orders' },
  };

  title('The platform team lets two teams export `orders`, one export at a time, each below its own prefix');
  say('config', `quota of every team: 1 at once, 20 a day; destinations: lake, partner-drop of ${PARTNER}`);

  title('An export as it should be');
  const first = await anExport(ana, toLake('payments'));

  title('An intruder');
  await anIntruder(people, toLake('payments'), first);
  const { Contents = [] } = await ours.s3.send(new ListObjectsV2Command({ Bucket: 'payroll' }));
  told(Contents.length === 0, 'nothing was written to the bucket "payroll"');

  title('The queue is full');
  await aFullQueue(people, toLake);

  title("A partner's bucket, in another account");
  const partnerPolicy = { put: () => putPolicy(theirs.s3), remove: () => removePolicy(theirs.s3) };
  await aBucketWithoutItsPolicy(ben, toPartner, partnerPolicy.put);

  title('A failure, and the retry');
  const retried = await aFailureAndItsRetry(ana, ben, toLake('payments'), toPartner, partnerPolicy);

  title('Outport is restarted; nothing is lost, and CloudTrail is read');
  await restart();
  await ingestedSince(pat, retried.endTime ?? '');

  title('The audit, as Pat of the platform team reads it');
  await theAudit(pat, retried);
  await verifyAudit(pat.token);
}

async function anExport(ana: Person, input: Record<string, unknown>): Promise<Export> {
  const { ready, estimates } = await ana.preflight(input);
  told(ready && estimates !== null, 'the preflight finds nothing in the way');
  say(ana, `asks first: nothing is in the way, the table has about ${estimates?.tableSizeBytes} bytes`);
  const ended = await ana.followToTheEnd(startedBy(await ana.exportTable(input)).id);
  told(ended.status === 'COMPLETED' && ended.itemCount === ITEMS, `all ${ITEMS} items were exported`);
  told(ended.verification?.status === 'VERIFIED', 'the output was verified');
  say(ana, `exports ${ended.itemCount} items to lake/exports/payments: ${ended.status}, ${ended.verification?.status}`);
  return ended;
}

interface People {
  readonly ana: Person;
  readonly cid: Person;
  readonly ben: Person;
  readonly mallory: Person;
}

async function anIntruder({ ben, mallory }: People, input: Record<string, unknown>, others: Export): Promise<void> {
  sayRefusal(mallory, 'exports orders', await mallory.exportTable(input), 'PERMISSION_DENIED');
  const { checks } = await mallory.preflight(input);
  told(checks.find(({ code }) => code === 'PERMISSION')?.status === 'FAILED', 'the preflight is denied');
  told(checks.find(({ code }) => code === 'BUCKET')?.status === 'UNKNOWN', 'the preflight tells nothing of the bucket');
  say(mallory, 'asks a preflight instead: denied as well, and told nothing of table or bucket');
  told((await mallory.export(others.id)) === null, "Ana's export is not there for Mallory");
  say(mallory, `looks for Ana's export ${others.id}: there is none`);
  const late = await Person.withToken(outport, 'Mallory', ['platform'], { expiresInSeconds: -3_600 });
  const refused = await late.export(others.id).then(
    () => '',
    (error: unknown) => String(error),
  );
  told(refused.includes('401') && refused.includes('UNAUTHENTICATED'), 'an expired token is refused');
  say(mallory, 'comes back with an expired token of the platform team: 401 UNAUTHENTICATED');
  const { tableArn } = input;
  const toPayroll = { tableArn, destination: { bucket: 'payroll', prefix: 'exports/analytics' } };
  sayRefusal(
    ben,
    'may export, but names "payroll", which only the service could write to',
    await ben.exportTable(toPayroll),
    'DESTINATION_NOT_ALLOWED',
  );
}

async function aFullQueue({ ana, cid, ben }: People, toLake: (team: string) => Record<string, unknown>): Promise<void> {
  await keepInFlight();
  const running = startedBy(await ana.exportTable(toLake('payments')));
  say(ana, `exports: ${running.status}, so the account is full`);
  const anasSecond = queuedBy(await ana.exportTable(toLake('payments')), 1);
  say(ana, 'exports again: QUEUED, place 1');
  const anasThird = queuedBy(await ana.exportTable(toLake('payments')), 2);
  say(ana, 'and again: QUEUED, place 2');
  const bens = queuedBy(await ben.exportTable(toLake('analytics')), 1);
  const behind = await ana.export(anasSecond.id);
  told(behind?.queuePosition === 2, "Ana's second export is behind Ben's");
  say(ben, `exports: QUEUED, place 1, as teams take turns; Ana's next is place ${behind?.queuePosition} now`);
  const refused = await cid.exportTable({ ...toLake('payments'), whenFull: 'REFUSE' });
  sayRefusal(cid, 'would rather be refused than wait', refused, 'LIMIT_EXCEEDED');
  told(refused.userErrors[0]?.limit?.retryAt !== null, 'he is told when to try again');
  const limits = await ana.limits(ACCOUNT, REGION);
  const quota = limits?.quotas[0];
  told(limits?.exports === null && quota?.name === 'payments', "Ana sees her team's quota and no more");
  say(
    ana,
    `sees of the limits: payments has ${quota?.startsPerDay?.inUse} of ${quota?.startsPerDay?.max} starts of a day`,
  );
  const { export: canceled } = await ana.cancelExport(anasThird.id);
  told(canceled?.status === 'CANCELED', 'the third is canceled');
  say(ana, 'cancels the one she can do without: CANCELED');
  await letThemEnd();
  const [bensEnd, anasEnd] = await Promise.all([ben.followToTheEnd(bens.id), ana.followToTheEnd(anasSecond.id)]);
  told(bensEnd.status === 'COMPLETED' && anasEnd.status === 'COMPLETED', 'both complete');
  told((bensEnd.startTime ?? '') < (anasEnd.startTime ?? ''), 'Ben had his turn before Ana had her second');
  say(
    'queue',
    `Ben's ran from ${clock(bensEnd.startTime)}, Ana's second from ${clock(anasEnd.startTime)}: both COMPLETED`,
  );
}

async function aBucketWithoutItsPolicy(
  ben: Person,
  input: Record<string, unknown>,
  putPolicy: () => Promise<void>,
): Promise<void> {
  const before = await ben.preflight(input);
  const access = before.checks.find(({ code }) => code === 'BUCKET_ACCESS');
  told(!before.ready && access?.message.includes('s3:PutObject') === true, 'the missing permission is named');
  say(ben, `asks first. ${access?.message}`);
  say('', `Remedy: ${access?.remedy}`);
  const refused = await ben.exportTable(input);
  told(refused.export === null && refused.userErrors[0]?.code === 'S3_ACCESS_DENIED', 'the request is refused');
  say(ben, 'exports all the same: S3_ACCESS_DENIED at once, not minutes later');
  await putPolicy();
  say('partner', "puts that statement into the bucket's policy");
  told((await ben.preflight(input)).ready, 'the preflight finds nothing in the way any more');
  const ended = await ben.followToTheEnd(startedBy(await ben.exportTable(input)).id);
  told(ended.status === 'COMPLETED' && ended.verification?.status === 'VERIFIED', 'the export goes through');
  say(ben, `asks again, and exports: ${ended.status}, ${ended.verification?.status}`);
}

async function aFailureAndItsRetry(
  ana: Person,
  ben: Person,
  toLake: Record<string, unknown>,
  toPartner: Record<string, unknown>,
  policy: { readonly put: () => Promise<void>; readonly remove: () => Promise<void> },
): Promise<Export> {
  await keepInFlight();
  startedBy(await ana.exportTable(toLake));
  const waiting = queuedBy(await ben.exportTable(toPartner), 1);
  await policy.remove();
  say(ben, "waits for Ana's export to end; meanwhile the partner withdraws the policy");
  await letThemEnd();
  const failed = await ben.followToTheEnd(waiting.id);
  told(failed.status === 'FAILED' && failed.failure?.code === 'S3_ACCESS_DENIED', 'it is looked at again, and fails');
  told(failed.startTime === null, 'DynamoDB was never asked');
  say(ben, `is told: ${failed.status}, ${failed.failure?.code}. ${failed.failure?.message}`);
  await policy.put();
  told((await ben.export(failed.id))?.viewerCanRetry === true, 'a retry is offered');
  const again = startedBy(await ben.retryExport(failed.id));
  const ended = await ben.followToTheEnd(again.id);
  told(
    ended.status === 'COMPLETED' && ended.retryOf?.id === failed.id,
    'the retry completes and names what it repeats',
  );
  say(ben, `retries once the policy is back: ${ended.id}, ${ended.status}, a retry of ${ended.retryOf?.id}`);
  return ended;
}

async function theAudit(pat: Person, retried: Export): Promise<void> {
  const completed = (await pat.auditEvents({ eventName: 'ExportTable', outcome: 'COMPLETED' })).nodes;
  say(pat, `who exported: ${tally(completed.map(({ principalName }) => principalName ?? '?'))}`);
  told(
    tally(completed.map(({ principalName }) => principalName ?? '?')) === 'Ana 4, Ben 3',
    'Ana four times, Ben thrice',
  );
  const refused = (await pat.auditEvents({ outcome: 'REFUSED' })).nodes;
  say(pat, 'what was refused:');
  for (const event of refused) {
    const who = event.principalName ?? `somebody at ${event.sourceIpAddress}`;
    detail(
      `${clock(event.eventTime)}  ${who.padEnd(21)} ${event.eventName.padEnd(12)} ${event.errorCode}${decidedBy(event)}`,
    );
  }
  told(
    refused.map(({ errorCode }) => errorCode).join() ===
      'PERMISSION_DENIED,PERMISSION_DENIED,TOKEN_EXPIRED,DESTINATION_NOT_ALLOWED,LIMIT_EXCEEDED,S3_ACCESS_DENIED',
    'every refusal of the morning is there, in its order',
  );
  const { nodes: story } = await pat.auditEvents({ exportId: retried.id });
  say(pat, `the story of ${retried.id}, with what CloudTrail saw (it tells whole seconds):`);
  for (const event of story) {
    const who = event.principalName ?? event.principal?.replace(/.*assumed-role\//, '') ?? '';
    detail(
      `${clock(event.eventTime)}  ${event.source.padEnd(10)} ${event.eventName} ${event.outcome}  ${who}${decidedBy(event)}`,
    );
  }
  const ours = story.filter(({ source }) => source === 'OUTPORT').map(({ outcome }) => outcome);
  told(ours.join() === 'REQUESTED,IN_PROGRESS,COMPLETED', 'its own story is whole');
  const call = story.find(({ eventName }) => eventName === 'ExportTableToPointInTime');
  told(call?.principal?.includes('/OutportExport/ben-') === true, "CloudTrail has the call, in Ben's name");
}

/** `outport audit verify`, as anybody would run it who does not take the server's word for it. */
async function verifyAudit(token: string): Promise<void> {
  const args = [command, 'audit', 'verify', '--url', outport.graphqlUrl, '--token', token];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  told(stdout.includes('every one as it was written'), 'no record of the audit was changed');
  say('verify', `outport audit verify: ${stdout.trim()}`);
}

async function keepInFlight(): Promise<void> {
  await writeFile(faultsFile, '[{"operation": "DescribeExport", "refusal": "Throttled"}]');
}

async function letThemEnd(): Promise<void> {
  await rm(faultsFile);
}

async function restart(): Promise<void> {
  const ports = { graphql: new URL(outport.graphqlUrl).port, aws: new URL(outport.awsEndpoint).port };
  await outport.stop();
  outport = await startOutport(dataDirectory, { command, params: PARAMS, faultsFile, ports });
}

async function ingestedSince(pat: Person, time: string): Promise<void> {
  for (;;) {
    const { ingestedThrough } = await pat.auditEvents({ exportId: 'none' });
    if (ingestedThrough !== null && ingestedThrough > time) {
      say('audit', `CloudTrail's events are there up to ${clock(ingestedThrough)}`);
      return;
    }
    await sleep(500);
  }
}

function clientsOf({ awsEndpoint }: RunningOutport, account: string) {
  const settings = {
    endpoint: awsEndpoint,
    region: REGION,
    credentials: { accessKeyId: account, secretAccessKey: 'outport' },
  };
  return { dynamodb: new DynamoDBClient(settings), s3: new S3Client(settings) };
}

async function putPolicy(s3: S3Client): Promise<void> {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/OutportExport` },
        Action: ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:PutObjectAcl', 's3:AbortMultipartUpload'],
        Resource: ['arn:aws:s3:::partner-drop', 'arn:aws:s3:::partner-drop/*'],
      },
    ],
  });
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'partner-drop', Policy }));
}

async function removePolicy(s3: S3Client): Promise<void> {
  await s3.send(new DeleteBucketPolicyCommand({ Bucket: 'partner-drop' }));
}

function startedBy({ export: started, userErrors }: Answer): Export {
  told(started?.status === 'IN_PROGRESS', `the export is started (${started?.status} ${JSON.stringify(userErrors)})`);
  return started;
}

function queuedBy({ export: queued, userErrors }: Answer, place: number): Export {
  const found = `${queued?.status} ${queued?.queuePosition} ${JSON.stringify(userErrors)}`;
  told(queued?.status === 'QUEUED' && queued.queuePosition === place, `it waits at place ${place} (${found})`);
  return queued;
}

function sayRefusal(who: Person, what: string, { export: none, userErrors: [error] }: Answer, code: string): void {
  told(none === null && error?.code === code, `${who.name} is refused with ${code}, not ${JSON.stringify(error)}`);
  say(who, `${what}: ${code}. ${error?.message}`);
  say('', `Remedy: ${error?.remedy}`);
}

function decidedBy({ decision, policyIds }: AuditEvent): string {
  return decision ? `, ${decision} by ${policyIds.join(', ') || 'no policy'}` : '';
}
