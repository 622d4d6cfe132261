import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CHECKSUM_ALGORITHMS, createDigest } from './checksums.ts';
import { writePrecondition } from './conditional-requests.ts';
import { encryptionHeaders } from './encryption.ts';
import { badDigest, invalidRequest, malformedXml } from './errors.ts';
import { type IncomingBytes, writeIncoming } from './incoming-bytes.ts';
import { uploadOf } from './multipart-request.ts';
import type { ObjectFiles } from './object-files.ts';
import { checksumElements, quoted } from './object-headers.ts';
import { S3Error } from './object-store.ts';
import { receiveDocument } from './payload.ts';
import type { Checksum, PartRecord, PartSummary, UploadRecord } from './records.ts';
import { type S3Reply, xmlReply } from './reply.ts';
import { type ObjectRequest, parameter } from './request.ts';
import type { S3 } from './s3.ts';
import { parseXml, type XmlElement } from './xml.ts';

const PART_BYTES_MIN = 5 * 1024 * 1024;

/** Joins the listed parts into the object, in one step with the end of the upload. */
export async function completeMultipartUpload(request: ObjectRequest, s3: S3): Promise<S3Reply> {
  const { call, bucket, key } = request;
  const listed = parseXml(await receiveDocument(call, 'OBJECT'), 'CompleteMultipartUpload').children('Part');
  const precondition = writePrecondition(call, key);
  const upload = await uploadOf(request, s3);
  const object = await s3.uploads.exclusively(upload, async () => {
    const parts = selectParts(listed, await s3.uploads.parts(upload.uploadId));
    checkTotalSize(parts, parameter(call, 'x-amz-mp-object-size'));
    const { algorithm, type } = upload.checksum ?? ({ algorithm: 'CRC64NVME', type: 'FULL_OBJECT' } as const);
    const joined = await writeIncoming(readParts(parts, s3.files), s3.files, type === 'FULL_OBJECT' ? [algorithm] : []);
    const checksum = await checksumOf({ algorithm, type }, parts, joined);
    await checkClaim(parameter(call, CHECKSUM_ALGORITHMS[algorithm].header), checksum, joined, s3.files);
    return s3.objects.put(
      {
        bucket: bucket.name,
        key,
        headers: upload.headers,
        metadata: upload.metadata,
        tags: upload.tags,
        storageClass: upload.storageClass,
        encryption: upload.encryption,
        sizeBytes: joined.sizeBytes,
        etag: etagOf(parts),
        parts: parts.map((part) => summaryOf(part, algorithm)),
        ...(checksum && { checksum }),
      },
      joined.path,
      precondition,
      await s3.uploads.removal(upload),
    );
  });
  await s3.files.removeParts(upload.uploadId);
  return xmlReply(
    'CompleteMultipartUploadResult',
    {
      Location: `http://${call.host}${call.path}`,
      Bucket: bucket.name,
      Key: key,
      ETag: quoted(object.etag),
      ...checksumElements(object.checksum),
    },
    encryptionHeaders(object.encryption),
  );
}

/** The parts that the client lists, in its order. @throws S3Error `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall` */
function selectParts(listed: readonly XmlElement[], uploaded: readonly PartRecord[]): PartRecord[] {
  if (listed.length === 0) throw malformedXml();
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  const parts: PartRecord[] = [];
  for (const element of listed) {
    const part = byNumber.get(Number(element.text('PartNumber')));
    const etag = element
      .text('ETag')
      ?.trim()
      .replace(/^"(.*)"$/, '$1');
    if (!part || part.etag !== etag || !hasChecksum(element, part)) throw invalidPart(element, etag);
    if (part.number <= (parts.at(-1)?.number ?? 0)) {
      throw new S3Error(
        'InvalidPartOrder',
        400,
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    }
    parts.push(part);
  }
  for (const part of parts.slice(0, -1)) if (part.sizeBytes < PART_BYTES_MIN) throw entityTooSmall(part);
  return parts;
}

function hasChecksum(element: XmlElement, { checksum }: PartRecord): boolean {
  const claimed = checksum && element.text(`Checksum${checksum.algorithm}`);
  return claimed === undefined || claimed === checksum?.value;
}

function checkTotalSize(parts: readonly PartRecord[], claimed: string | undefined): void {
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (claimed !== undefined && Number(claimed) !== sizeBytes) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${claimed} does not match what was computed: ${sizeBytes}`,
    );
  }
}

async function* readParts(parts: readonly PartRecord[], files: ObjectFiles): AsyncGenerator<Buffer, void> {
  for (const part of parts) yield* createReadStream(files.resolve(part.file));
}

const etagOf = (parts: readonly PartRecord[]) => {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.etag, 'hex');
  return `${md5.digest('hex')}-${parts.length}`;
};

/** A composite checksum is of the parts' checksums; it exists if every part has one. */
async function checksumOf(
  { algorithm, type }: NonNullable<UploadRecord['checksum']>,
  parts: readonly PartRecord[],
  joined: IncomingBytes,
): Promise<Checksum | undefined> {
  if (type === 'FULL_OBJECT') {
    const bytes = joined.digests.checksums.get(algorithm);
    return bytes && { algorithm, type, value: bytes.toString('base64') };
  }
  const digest = createDigest(algorithm);
  for (const { checksum } of parts) {
    if (checksum?.algorithm !== algorithm) return undefined;
    digest.update(Buffer.from(checksum.value, 'base64'));
  }
  const value = `${Buffer.from(await digest.digest()).toString('base64')}-${parts.length}`;
  return { algorithm, type, value };
}

async function checkClaim(
  claimed: string | undefined,
  checksum: Checksum | undefined,
  joined: IncomingBytes,
  files: ObjectFiles,
): Promise<void> {
  // Clients write a composite checksum with and without the number of parts.
  if (claimed === undefined || claimed === checksum?.value || claimed === checksum?.value.replace(/-\d+$/, '')) return;
  await files.discardIncoming(joined.path);
  throw badDigest(`The ${checksum?.algorithm ?? 'checksum'} you specified did not match the calculated checksum.`);
}

const summaryOf = ({ number, sizeBytes, checksum }: PartRecord, algorithm: Checksum['algorithm']): PartSummary => ({
  number,
  sizeBytes,
  ...(checksum?.algorithm === algorithm && { checksum: checksum.value }),
});

const invalidPart = (element: XmlElement, etag: string | undefined) =>
  new S3Error(
    'InvalidPart',
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { PartNumber: element.text('PartNumber') ?? '', ETag: etag ?? '' },
  );

const entityTooSmall = ({ number, sizeBytes, etag }: PartRecord) =>
  new S3Error('EntityTooSmall', 400, 'Your proposed upload is smaller than the minimum allowed size', {
    ProposedSize: String(sizeBytes),
    MinSizeAllowed: String(PART_BYTES_MIN),
    PartNumber: String(number),
    ETag: etag,
  });
