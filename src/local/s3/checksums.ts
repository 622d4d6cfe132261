import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';

/** The digest of bytes that come in pieces. */
export interface Digest {
  update(chunk: Uint8Array): void;
  digest(): Uint8Array | Promise<Uint8Array>;
}

interface Algorithm {
  readonly header: string;
  readonly sizeBytes: number;
  /** What a multipart upload makes of it when its creator does not say. */
  readonly multipartType: 'FULL_OBJECT' | 'COMPOSITE';
  /** Whether a multipart upload may ask for the other type: only a CRC can be of the whole object, only CRC64NVME must. */
  readonly multipartTypes: readonly ('FULL_OBJECT' | 'COMPOSITE')[];
  create(): Digest;
}

export const CHECKSUM_ALGORITHMS = {
  CRC32: {
    header: 'x-amz-checksum-crc32',
    sizeBytes: 4,
    multipartType: 'COMPOSITE',
    multipartTypes: ['COMPOSITE', 'FULL_OBJECT'],
    create: createCrc32,
  },
  CRC32C: {
    header: 'x-amz-checksum-crc32c',
    sizeBytes: 4,
    multipartType: 'COMPOSITE',
    multipartTypes: ['COMPOSITE', 'FULL_OBJECT'],
    create: () => new Crc32c(),
  },
  CRC64NVME: {
    header: 'x-amz-checksum-crc64nvme',
    sizeBytes: 8,
    multipartType: 'FULL_OBJECT',
    multipartTypes: ['FULL_OBJECT'],
    create: () => new Crc64Nvme(),
  },
  SHA1: {
    header: 'x-amz-checksum-sha1',
    sizeBytes: 20,
    multipartType: 'COMPOSITE',
    multipartTypes: ['COMPOSITE'],
    create: () => createHash('sha1'),
  },
  SHA256: {
    header: 'x-amz-checksum-sha256',
    sizeBytes: 32,
    multipartType: 'COMPOSITE',
    multipartTypes: ['COMPOSITE'],
    create: () => createHash('sha256'),
  },
} as const satisfies Record<string, Algorithm>;

export type ChecksumAlgorithm = keyof typeof CHECKSUM_ALGORITHMS;

export const isChecksumAlgorithm = (name: string): name is ChecksumAlgorithm =>
  Object.hasOwn(CHECKSUM_ALGORITHMS, name);

const ALGORITHM_BY_HEADER = new Map<string, ChecksumAlgorithm>(
  Object.keys(CHECKSUM_ALGORITHMS)
    .filter(isChecksumAlgorithm)
    .map((name) => [CHECKSUM_ALGORITHMS[name].header, name]),
);

/** The algorithm of a header such as `x-amz-checksum-crc32`. */
export const algorithmOfHeader = (header: string): ChecksumAlgorithm | undefined => ALGORITHM_BY_HEADER.get(header);

export const createDigest = (algorithm: ChecksumAlgorithm): Digest => CHECKSUM_ALGORITHMS[algorithm].create();

/** A header's value as the bytes it stands for, or undefined when it is not base64 of the right length. */
export function decodeBase64(value: string, sizeBytes: number): Buffer | undefined {
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === sizeBytes && bytes.toString('base64') === value ? bytes : undefined;
}

function createCrc32(): Digest {
  let value = 0;
  return {
    update: (chunk) => {
      value = crc32(chunk, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}
