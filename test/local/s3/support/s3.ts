import path from 'node:path';
import { S3Client, type S3ClientConfig, S3ServiceException } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import type { S3Service } from '../../../../src/local/s3/index.ts';
import { type DataPlaneOptions, startDataPlane } from '../../../support/data-plane.ts';
import { s3OfPlane } from './s3-of-plane.ts';

export const OWNER = '111111111111';
export const STRANGER = '222222222222';

/** Bytes that no two places share by chance. */
export const bytesOf = (sizeBytes: number, seed = 7): Buffer => {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  for (let i = 0, x = seed; i < sizeBytes; i++) {
    x = (x * 1103515245 + 12345) & 0x7fffffff;
    bytes[i] = x >>> 16;
  }
  return bytes;
};

/** An S3 over the wire for the tests of one file. */
export function useS3(options: Omit<DataPlaneOptions, 'services'> = {}) {
  const clients: S3Client[] = [];
  let plane: Awaited<ReturnType<typeof startDataPlane>>;
  let service: S3Service;

  beforeAll(async () => {
    plane = await startDataPlane({
      ...options,
      services: async (parts) => {
        const services = await s3OfPlane(parts);
        service = services.s3;
        return services;
      },
    });
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await plane.close();
  });

  return {
    get endpoint() {
      return plane.endpoint;
    },
    get folder() {
      return path.join(plane.directory, 's3');
    },
    get service() {
      return service;
    },
    client(config: S3ClientConfig & { accountId?: string } = {}): S3Client {
      const { accountId = OWNER, ...rest } = config;
      const client = new S3Client({
        endpoint: plane.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { accessKeyId: accountId, secretAccessKey: 'outport' },
        maxAttempts: 1,
        ...rest,
      });
      clients.push(client);
      return client;
    },
  };
}

/** What a call was refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<{ code: string; status?: number; message: string }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return { code: error.name, status: error.$metadata.httpStatusCode, message: error.message };
  }
  throw new Error('The call was not refused.');
}

/** The headers of a request that no SDK would make: credentials that name an account, and no true signature. */
export const signedHeaders = (accountId = OWNER) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${accountId}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
  'x-amz-date': '20260101T000000Z',
  'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
});

/** Sends a request with headers as they are given. */
export const signedFetch = (
  endpoint: string,
  target: string,
  init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
): Promise<Response> => fetch(`${endpoint}${target}`, { ...init, headers: { ...signedHeaders(), ...init.headers } });
