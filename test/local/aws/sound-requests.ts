export const ACCOUNT = '111122223333';
/** The table that the inputs speak of. */
export const TABLE = 'orders';
const ARN = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/${TABLE}`;
const KEY = { id: { S: '1' }, n: { N: '1' } };
const ITEM = { ...KEY, list: { L: [{ NULL: true }, { M: { b: { B: 'AA==' } } }] }, set: { SS: ['a', 'b'] } };
const EXPRESSIONS = {
  ExpressionAttributeNames: { '#l': 'list' },
  ExpressionAttributeValues: { ':v': { S: 'x' } },
};
const KEYS = {
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'n', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'id', KeyType: 'HASH' },
    { AttributeName: 'n', KeyType: 'RANGE' },
  ],
};
const INDEX = {
  IndexName: 'by-n',
  KeySchema: [{ AttributeName: 'n', KeyType: 'HASH' }],
  Projection: { ProjectionType: 'ALL' },
};

/** A sound input of every operation of DynamoDB. */
export const DYNAMODB_INPUTS: Readonly<Record<string, object>> = {
  GetItem: { TableName: TABLE, Key: KEY, ProjectionExpression: '#l', ExpressionAttributeNames: { '#l': 'list' } },
  BatchGetItem: { RequestItems: { [TABLE]: { Keys: [KEY], ConsistentRead: true } } },
  Query: {
    TableName: TABLE,
    KeyConditionExpression: 'id = :v',
    FilterExpression: '#l = :v',
    Limit: 2,
    ExclusiveStartKey: KEY,
    ...EXPRESSIONS,
  },
  Scan: {
    TableName: TABLE,
    FilterExpression: '#l = :v',
    Segment: 0,
    TotalSegments: 2,
    ExclusiveStartKey: KEY,
    ...EXPRESSIONS,
  },
  PutItem: { TableName: TABLE, Item: ITEM, ConditionExpression: '#l <> :v', ...EXPRESSIONS },
  UpdateItem: { TableName: TABLE, Key: KEY, UpdateExpression: 'SET #l = :v', ReturnValues: 'ALL_NEW', ...EXPRESSIONS },
  DeleteItem: { TableName: TABLE, Key: KEY, ReturnValues: 'ALL_OLD' },
  BatchWriteItem: {
    RequestItems: { [TABLE]: [{ PutRequest: { Item: ITEM } }, { DeleteRequest: { Key: { ...KEY, n: { N: '2' } } } }] },
  },
  TransactGetItems: { TransactItems: [{ Get: { TableName: TABLE, Key: KEY, ProjectionExpression: 'id' } }] },
  TransactWriteItems: {
    ClientRequestToken: 'token',
    TransactItems: [
      { Put: { TableName: TABLE, Item: ITEM } },
      { Update: { TableName: TABLE, Key: { ...KEY, n: { N: '2' } }, UpdateExpression: 'SET #l = :v', ...EXPRESSIONS } },
      {
        ConditionCheck: {
          TableName: TABLE,
          Key: { ...KEY, n: { N: '3' } },
          ConditionExpression: '#l = :v',
          ...EXPRESSIONS,
        },
      },
    ],
  },
  DescribeTable: { TableName: TABLE },
  ListTables: { Limit: 3, ExclusiveStartTableName: TABLE },
  ListTagsOfResource: { ResourceArn: ARN, NextToken: 'x' },
  DescribeTimeToLive: { TableName: TABLE },
  DescribeLimits: {},
  DescribeEndpoints: {},
  DescribeContinuousBackups: { TableName: TABLE },
  DescribeExport: { ExportArn: `${ARN}/export/01234567890123-abcdefab` },
  ListExports: { TableArn: ARN, MaxResults: 3, NextToken: 'x' },
  DescribeImport: { ImportArn: `${ARN}/import/01234567890123-abcdefab` },
  ListImports: { TableArn: ARN, PageSize: 3, NextToken: 'x' },
  CreateTable: {
    TableName: 'other',
    BillingMode: 'PAY_PER_REQUEST',
    ...KEYS,
    GlobalSecondaryIndexes: [INDEX],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    Tags: [{ Key: 'a', Value: 'b' }],
    SSESpecification: { Enabled: true, SSEType: 'KMS' },
  },
  UpdateTable: {
    TableName: 'other',
    ...KEYS,
    GlobalSecondaryIndexUpdates: [{ Create: INDEX }],
    ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
  },
  DeleteTable: { TableName: 'other' },
  TagResource: { ResourceArn: ARN, Tags: [{ Key: 'a', Value: 'b' }] },
  UntagResource: { ResourceArn: ARN, TagKeys: ['a'] },
  UpdateTimeToLive: { TableName: TABLE, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } },
  UpdateContinuousBackups: {
    TableName: TABLE,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 3 },
  },
  ExportTableToPointInTime: {
    TableArn: ARN,
    S3Bucket: 'lake',
    S3Prefix: 'p',
    ExportTime: 1,
    ExportFormat: 'ION',
    ExportType: 'INCREMENTAL_EXPORT',
    IncrementalExportSpecification: { ExportFromTime: 1, ExportToTime: 2, ExportViewType: 'NEW_IMAGE' },
    FilterSpecification: { FilterExpression: '#l = :v', ...EXPRESSIONS },
  },
  ImportTable: {
    S3BucketSource: { S3Bucket: 'lake', S3KeyPrefix: 'p' },
    InputFormat: 'CSV',
    InputFormatOptions: { Csv: { Delimiter: ';', HeaderList: ['id', 'n'] } },
    TableCreationParameters: { TableName: 'imported', BillingMode: 'PAY_PER_REQUEST', ...KEYS },
  },
};

/** A sound input of CloudTrail's LookupEvents. */
export const LOOKUP_EVENTS_INPUT = {
  LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'PutItem' }],
  StartTime: 1,
  EndTime: 2,
  MaxResults: 3,
  NextToken: 'x',
  EventCategory: 'insight',
};

/** Sound parameters of STS's AssumeRole. */
export const ASSUME_ROLE_PARAMETERS = {
  Action: 'AssumeRole',
  Version: '2011-06-15',
  RoleArn: `arn:aws:iam::${ACCOUNT}:role/r`,
  RoleSessionName: 's',
  DurationSeconds: '900',
  Policy: '{"Version":"2012-10-17","Statement":[]}',
  SourceIdentity: 'i',
  'Tags.member.1.Key': 'k',
  'Tags.member.1.Value': 'v',
  'PolicyArns.member.1.arn': 'a',
};

const words = (text: string): string[] => text.trim().split(/\s+/);

/** What queries of S3 begin with. */
export const S3_PARAMETERS = words(`
  acl policy tagging versioning location delete uploads uploadId partNumber list-type max-keys
  continuation-token start-after encoding-type prefix delimiter encryption publicAccessBlock
  ownershipControls attributes lifecycle x-id marker key-marker upload-id-marker max-uploads
  response-content-type
`);

/** Headers that S3 looks at. */
export const S3_HEADERS = words(`
  range if-match if-none-match if-modified-since x-amz-copy-source x-amz-copy-source-range x-amz-acl
  x-amz-tagging x-amz-server-side-encryption x-amz-server-side-encryption-aws-kms-key-id
  x-amz-checksum-crc32 x-amz-checksum-algorithm x-amz-sdk-checksum-algorithm content-md5
  x-amz-expected-bucket-owner x-amz-storage-class x-amz-decoded-content-length content-encoding
  x-amz-object-attributes x-amz-metadata-directive x-amz-trailer
`);

/** Sound bodies of S3's operations. */
export const S3_BODIES = [
  '<Delete><Object><Key>key</Key></Object></Delete>',
  '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>',
  '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"x"</ETag></Part></CompleteMultipartUpload>',
  '<CreateBucketConfiguration><LocationConstraint>x</LocationConstraint></CreateBucketConfiguration>',
  '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>',
  '<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>',
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}',
];
