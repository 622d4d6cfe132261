import { resolveEncryption } from './encryption.ts';
import { malformedXml, notConfigured, notImplemented } from './errors.ts';
import { type Operation, readsBucket, writesBucket } from './operation.ts';
import { receiveDocument } from './payload.ts';
import type { BucketRecord } from './records.ts';
import { emptyReply, type S3Reply, xmlReply } from './reply.ts';
import type { BucketRequest } from './request.ts';
import type { S3 } from './s3.ts';
import { BUCKET_TAGS_MAX, parseTaggingXml, tagSet } from './tags.ts';
import { parseXml, type XmlElement } from './xml.ts';

/** A sub-resource of a bucket that can be read, put and deleted. */
interface Configuration {
  readonly name: string;
  readonly query: string;
  /** `s3:Get…` and `s3:Put…` of this; S3 has none for deletions. */
  readonly permission: string;
  get(bucket: BucketRecord): S3Reply;
  /** @returns the bucket with what the document says */
  put(document: string, bucket: BucketRecord): BucketRecord;
  remove?(bucket: BucketRecord): BucketRecord;
}

const CONFIGURATIONS: readonly Configuration[] = [
  {
    name: 'BucketTagging',
    query: 'tagging',
    permission: 'BucketTagging',
    get: ({ name, tags }) => {
      if (!tags) throw notConfigured('NoSuchTagSet', 'The TagSet does not exist', name);
      return xmlReply('Tagging', tagSet(tags));
    },
    put: (document, bucket) => ({ ...bucket, tags: parseTaggingXml(document, BUCKET_TAGS_MAX) }),
    remove: ({ tags: _, ...bucket }) => bucket,
  },
  {
    name: 'BucketEncryption',
    query: 'encryption',
    permission: 'EncryptionConfiguration',
    get: ({ encryption = { algorithm: 'AES256' } }) =>
      xmlReply('ServerSideEncryptionConfiguration', {
        Rule: {
          ApplyServerSideEncryptionByDefault: {
            SSEAlgorithm: encryption.algorithm,
            KMSMasterKeyID: encryption.kmsKeyId,
          },
          BucketKeyEnabled: false,
        },
      }),
    put: (document, bucket) => {
      const rules = parseXml(document, 'ServerSideEncryptionConfiguration').children('Rule');
      const byDefault = rules[0]?.child('ApplyServerSideEncryptionByDefault');
      if (rules.length !== 1 || !byDefault) throw malformedXml();
      if (rules[0]?.text('BucketKeyEnabled') === 'true') throw notImplemented('BucketKeyEnabled');
      const algorithm = byDefault.text('SSEAlgorithm');
      return { ...bucket, encryption: resolveEncryption(algorithm, byDefault.text('KMSMasterKeyID'), bucket) };
    },
    remove: ({ encryption: _, ...bucket }) => bucket,
  },
  {
    name: 'BucketOwnershipControls',
    query: 'ownershipControls',
    permission: 'BucketOwnershipControls',
    get: () => xmlReply('OwnershipControls', { Rule: { ObjectOwnership: 'BucketOwnerEnforced' } }),
    put: (document, bucket) => {
      const ownership = parseXml(document, 'OwnershipControls').child('Rule')?.text('ObjectOwnership');
      if (ownership === undefined) throw malformedXml();
      if (ownership !== 'BucketOwnerEnforced') throw notImplemented(`The object ownership ${ownership}`);
      return bucket;
    },
  },
  {
    name: 'PublicAccessBlock',
    query: 'publicAccessBlock',
    permission: 'BucketPublicAccessBlock',
    get: ({ name, publicAccessBlock: block }) => {
      if (!block) {
        throw notConfigured(
          'NoSuchPublicAccessBlockConfiguration',
          'The public access block configuration was not found',
          name,
        );
      }
      return xmlReply('PublicAccessBlockConfiguration', {
        BlockPublicAcls: block.blockPublicAcls,
        IgnorePublicAcls: block.ignorePublicAcls,
        BlockPublicPolicy: block.blockPublicPolicy,
        RestrictPublicBuckets: block.restrictPublicBuckets,
      });
    },
    put: (document, bucket) => {
      const block = parseXml(document, 'PublicAccessBlockConfiguration');
      return {
        ...bucket,
        publicAccessBlock: {
          blockPublicAcls: isTrue(block, 'BlockPublicAcls'),
          ignorePublicAcls: isTrue(block, 'IgnorePublicAcls'),
          blockPublicPolicy: isTrue(block, 'BlockPublicPolicy'),
          restrictPublicBuckets: isTrue(block, 'RestrictPublicBuckets'),
        },
      };
    },
    remove: ({ publicAccessBlock: _, ...bucket }) => bucket,
  },
];

export const BUCKET_CONFIGURATION_OPERATIONS: readonly Operation[] = CONFIGURATIONS.flatMap(configurationOperations);

function configurationOperations(configuration: Configuration): Operation[] {
  const { name, query, permission, get, put, remove } = configuration;
  const common = { ...writesBucket, query: [query], actions: [`s3:Put${permission}`] };
  return [
    {
      ...readsBucket,
      name: `Get${name}`,
      method: 'GET',
      query: [query],
      actions: [`s3:Get${permission}`],
      perform: async ({ bucket }: BucketRequest) => get(bucket),
    },
    {
      ...common,
      name: `Put${name}`,
      method: 'PUT',
      async perform({ call, bucket }: BucketRequest, s3: S3) {
        const document = await receiveDocument(call);
        await s3.buckets.update(bucket.name, (current) => put(document, current));
        return emptyReply(200);
      },
    },
    {
      ...common,
      name: `Delete${name}`,
      method: 'DELETE',
      async perform({ bucket }: BucketRequest, s3: S3) {
        if (!remove) throw notImplemented(`Delete${name}`);
        await s3.buckets.update(bucket.name, remove);
        return emptyReply(204);
      },
    },
  ];
}

const isTrue = (element: XmlElement, name: string) => element.text(name)?.trim().toLowerCase() === 'true';
