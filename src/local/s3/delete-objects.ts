import { authorize, conditionContext } from './authorization.ts';
import { invalidRequest, malformedXml, notImplemented, preconditionFailed } from './errors.ts';
import { S3Error } from './object-store.ts';
import { receiveDocument } from './payload.ts';
import { type S3Reply, xmlReply } from './reply.ts';
import type { BucketRequest } from './request.ts';
import type { S3 } from './s3.ts';
import { parseXml, type XmlElement, type XmlObject } from './xml.ts';

const KEYS_MAX = 1000;
/** Deletions side by side share the store's synchronous writes. */
const CONCURRENCY = 16;

type Outcome = { readonly key: string; readonly error?: S3Error };

/** Deletes up to a thousand objects, each with an outcome of its own. */
export async function deleteObjects({ call, bucket }: BucketRequest, s3: S3): Promise<S3Reply> {
  const isProtected = Object.keys(call.headers).some(
    (name) => name === 'content-md5' || name.startsWith('x-amz-checksum-') || name === 'x-amz-trailer',
  );
  if (!isProtected) throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  const document = parseXml(await receiveDocument(call), 'Delete');
  const objects = document.children('Object');
  if (objects.length === 0 || objects.length > KEYS_MAX) throw malformedXml();
  const context = conditionContext(call);

  const outcomes: Outcome[] = [];
  for (let start = 0; start < objects.length; start += CONCURRENCY) {
    const batch = objects.slice(start, start + CONCURRENCY).map((object) => deleteOne(object));
    outcomes.push(...(await Promise.all(batch)));
  }
  const isQuiet = document.text('Quiet')?.toLowerCase() === 'true';
  return xmlReply('DeleteResult', {
    Deleted: isQuiet ? [] : outcomes.filter(({ error }) => !error).map(({ key }) => ({ Key: key })),
    Error: outcomes.flatMap(({ key, error }) => (error ? [errorElement(key, error)] : [])),
  });

  async function deleteOne(object: XmlElement): Promise<Outcome> {
    const key = object.text('Key');
    if (key === undefined || key === '') throw malformedXml();
    try {
      const versionId = object.text('VersionId');
      if (versionId !== undefined && versionId !== 'null') throw notImplemented('Deleting a version');
      authorize({ caller: call.caller, action: 's3:DeleteObject', bucket, key, context });
      const etag = object.text('ETag')?.replace(/^"(.*)"$/, '$1');
      await s3.objects.delete(bucket.name, key, (current) => {
        if (etag !== undefined && current?.etag !== etag) throw preconditionFailed('If-Match');
      });
      return { key };
    } catch (error) {
      if (error instanceof S3Error) return { key, error };
      throw error;
    }
  }
}

const errorElement = (key: string, error: S3Error): XmlObject => ({
  Key: key,
  Code: error.code,
  Message: error.message,
});
