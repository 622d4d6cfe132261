import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeAll, expect, it } from 'vitest';
import { useS3 } from './support/s3.ts';

let nowMillis = Date.now();
const s3 = useS3({ now: () => nowMillis });
const verifying = useS3({ verifySignatures: true });
const Bucket = 'presigned';

beforeAll(async () => {
  for (const { client } of [s3, verifying]) await client().send(new CreateBucketCommand({ Bucket }));
});

it('A presigned PUT and GET move the bytes, where signatures are verified and where not', async () => {
  for (const { client } of [s3, verifying]) {
    const put = await getSignedUrl(client(), new PutObjectCommand({ Bucket, Key: 'a b/ü+&', Metadata: { by: 'url' } }));
    const stored = await fetch(put, { method: 'PUT', body: 'the bytes' });
    expect([stored.status, await stored.text()]).toEqual([200, '']);
    const get = await getSignedUrl(
      client(),
      new GetObjectCommand({ Bucket, Key: 'a b/ü+&', ResponseContentType: 'text/x-special' }),
    );
    const answer = await fetch(get);
    expect(await answer.text()).toBe('the bytes');
    expect(answer.headers.get('content-type')).toBe('text/x-special');
    expect(answer.headers.get('x-amz-meta-by')).toBe('url');
  }
});

it('A presigned URL that was tampered with is refused where signatures are verified', async () => {
  const url = new URL(await getSignedUrl(verifying.client(), new GetObjectCommand({ Bucket, Key: 'a' })));
  url.pathname = `/${Bucket}/b`;
  const answer = await fetch(url);
  expect(answer.status).toBe(403);
  expect(await answer.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
});

it('A presigned URL expires', async () => {
  const url = await getSignedUrl(s3.client(), new GetObjectCommand({ Bucket, Key: 'a b/ü+&' }), { expiresIn: 60 });
  expect((await fetch(url)).status).toBe(200);
  nowMillis += 61_000 + 1000;
  const answer = await fetch(url);
  expect(answer.status).toBe(403);
  const text = await answer.text();
  expect(text).toContain('<Code>AccessDenied</Code><Message>Request has expired</Message>');
  expect(text).toContain('<X-Amz-Expires>60</X-Amz-Expires>');
});
