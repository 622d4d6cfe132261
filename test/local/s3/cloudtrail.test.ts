import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallEvent } from '../../../src/local/aws/service.ts';
import { OWNER, refusalOf, useS3 } from './support/s3.ts';

const s3 = useS3();
const Bucket = 'recorded';

/** What the service tells CloudTrail, which serves management events only. */
const told: CallEvent[] = [];
let forget: () => void;

beforeAll(async () => {
  const { service } = s3;
  const handle = service.handle.bind(service);
  service.handle = async (call) => {
    const reply = await handle(call);
    told.push(reply.event);
    return reply;
  };
  forget = () => {
    service.handle = handle;
  };
  const client = s3.client();
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'x' }));
  await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'a/' }));
  await refusalOf(client.send(new GetObjectCommand({ Bucket, Key: 'c' })));
  await refusalOf(client.send(new GetBucketPolicyCommand({ Bucket })));
});
afterAll(() => forget());

const bucketResource = { type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${Bucket}`, accountId: OWNER };

describe('CloudTrail is told', () => {
  it('of calls on buckets as management events', () => {
    expect(told[0]).toMatchObject({
      eventName: 'CreateBucket',
      readOnly: false,
      managementEvent: true,
      requestParameters: { bucketName: Bucket },
      resources: [bucketResource],
    });
  });

  it('of calls on objects and lists of them as data events', () => {
    expect(told[1]).toMatchObject({
      eventName: 'PutObject',
      readOnly: false,
      managementEvent: false,
      requestParameters: { bucketName: Bucket, key: 'a/b', Host: new URL(s3.endpoint).host },
      resources: [{ type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${Bucket}/a/b` }, bucketResource],
    });
    expect(told[2]).toMatchObject({
      eventName: 'ListObjects',
      readOnly: true,
      managementEvent: false,
      requestParameters: { bucketName: Bucket, prefix: 'a/', 'list-type': '2' },
    });
  });

  it('of refusals with their error', () => {
    expect(told[3]).toMatchObject({
      eventName: 'GetObject',
      errorCode: 'NoSuchKey',
      errorMessage: 'The specified key does not exist.',
    });
    expect(told[4]).toMatchObject({ eventName: 'GetBucketPolicy', errorCode: 'NoSuchBucketPolicy' });
  });
});

it('LookupEvents finds a bucket’s management events', async () => {
  const cloudtrail = new CloudTrailClient({
    endpoint: s3.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: OWNER, secretAccessKey: 'outport' },
  });
  const LookupAttributes = [{ AttributeKey: 'ResourceName' as const, AttributeValue: `arn:aws:s3:::${Bucket}` }];
  const { Events = [] } = await cloudtrail.send(new LookupEventsCommand({ LookupAttributes }));
  cloudtrail.destroy();
  expect(Events.map(({ EventName }) => EventName)).toContain('CreateBucket');
});
