import type { AwsReply } from '../aws/service.ts';
import type { S3Error } from './object-store.ts';
import { buildErrorXml, buildXml, type XmlObject } from './xml.ts';

/** What an operation answers; the service adds what CloudTrail is told. */
export type S3Reply = Omit<AwsReply, 'event'>;

export const xmlReply = (root: string, content: XmlObject, headers: S3Reply['headers'] = {}): S3Reply => ({
  status: 200,
  headers: { ...headers, 'content-type': 'application/xml' },
  body: buildXml(root, content),
});

export const emptyReply = (status: number, headers: S3Reply['headers'] = {}): S3Reply => ({ status, headers });

export const errorReply = (error: S3Error, resource: string, requestId: string): S3Reply => ({
  status: error.status,
  headers: { 'content-type': 'application/xml' },
  body: buildErrorXml({
    Code: error.code,
    Message: error.message,
    ...error.details,
    Resource: resource,
    RequestId: requestId,
    HostId: 'outport',
  }),
});
