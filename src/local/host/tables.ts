import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { ServiceDefinitionError } from './service-definition.ts';

const TABLE_WAIT_SECONDS = 60;

/** Properties of `AWS::DynamoDB::Table` that the host carries out. */
interface TableProperties {
  readonly BillingMode: CreateTableCommandInput['BillingMode'];
  readonly AttributeDefinitions: CreateTableCommandInput['AttributeDefinitions'];
  readonly KeySchema: CreateTableCommandInput['KeySchema'];
  readonly GlobalSecondaryIndexes?: CreateTableCommandInput['GlobalSecondaryIndexes'];
  readonly StreamSpecification?: Omit<NonNullable<CreateTableCommandInput['StreamSpecification']>, 'StreamEnabled'>;
  readonly TimeToLiveSpecification?: { readonly AttributeName: string; readonly Enabled: boolean };
  readonly PointInTimeRecoverySpecification?: { readonly PointInTimeRecoveryEnabled: boolean };
}

const CARRIED_OUT = [
  'BillingMode',
  'AttributeDefinitions',
  'KeySchema',
  'GlobalSecondaryIndexes',
  'StreamSpecification',
  'TimeToLiveSpecification',
  'PointInTimeRecoverySpecification',
];

/** Properties that protect a table in an account and have nothing to act on here. */
const WITHOUT_EFFECT = ['SSESpecification', 'DeletionProtectionEnabled'];

/** The data folder holds a table that this version cannot work with. Replacing it would lose what it remembers. */
export class IncompatibleTableError extends Error {
  constructor(readonly tableName: string) {
    super(
      `The table ${tableName} in the data folder has other keys or indexes than serverless.yml. ` +
        'It was made by another version of Outport: start with another folder (--data).',
    );
    this.name = 'IncompatibleTableError';
  }
}

export interface CreatedTable {
  readonly arn: string;
  readonly streamArn: string | undefined;
}

/**
 * Creates a table of `serverless.yml` as CloudFormation would, unless it is there, with its recovery and time to live.
 * @throws IncompatibleTableError when a table of that name has another shape
 */
export async function ensureTable(
  client: DynamoDBClient,
  tableName: string,
  properties: Readonly<Record<string, unknown>>,
): Promise<CreatedTable> {
  const unknownProperty = Object.keys(properties).find((key) => ![...CARRIED_OUT, ...WITHOUT_EFFECT].includes(key));
  if (unknownProperty) throw new ServiceDefinitionError(tableName, `the host does not know '${unknownProperty}'`);
  // CloudFormation's shapes are the API's; DynamoDB itself checks them.
  const definition = properties as unknown as TableProperties;
  const existing = await describe(client, tableName);
  if (existing && shapeOf(existing) !== shapeOf(definition)) {
    throw new IncompatibleTableError(tableName);
  }
  if (!existing) await create(client, tableName, definition);
  await enableRecovery(client, tableName, definition);
  await enableTimeToLive(client, tableName, definition);
  const table = await describe(client, tableName);
  return { arn: table?.TableArn ?? '', streamArn: table?.LatestStreamArn };
}

async function create(client: DynamoDBClient, tableName: string, definition: TableProperties): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: definition.BillingMode,
      AttributeDefinitions: definition.AttributeDefinitions,
      KeySchema: definition.KeySchema,
      GlobalSecondaryIndexes: definition.GlobalSecondaryIndexes,
      ...(definition.StreamSpecification && {
        StreamSpecification: { ...definition.StreamSpecification, StreamEnabled: true },
      }),
    }),
  );
  await waitUntilTableExists(
    { client, maxWaitTime: TABLE_WAIT_SECONDS, minDelay: 0.05, maxDelay: 1 },
    { TableName: tableName },
  );
}

async function describe(client: DynamoDBClient, tableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: tableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function enableRecovery(client: DynamoDBClient, TableName: string, definition: TableProperties): Promise<void> {
  if (!definition.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled) return;
  const { ContinuousBackupsDescription: backups } = await client.send(
    new DescribeContinuousBackupsCommand({ TableName }),
  );
  if (backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED') return;
  await client.send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
}

async function enableTimeToLive(client: DynamoDBClient, TableName: string, definition: TableProperties): Promise<void> {
  const { TimeToLiveSpecification } = definition;
  if (!TimeToLiveSpecification?.Enabled) return;
  const { TimeToLiveDescription: current } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  if (current?.TimeToLiveStatus === 'ENABLED' || current?.TimeToLiveStatus === 'ENABLING') return;
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}

/** Keys and indexes, in a form that can be compared. */
function shapeOf(table: Pick<TableDescription, 'KeySchema' | 'GlobalSecondaryIndexes'> | TableProperties): string {
  const keys = (schema: TableDescription['KeySchema'] = []) =>
    schema.map((key) => `${key.AttributeName} ${key.KeyType}`);
  const indexes = (table.GlobalSecondaryIndexes ?? []).map((index) => [index.IndexName, keys(index.KeySchema)]);
  return JSON.stringify([keys(table.KeySchema), indexes.sort()]);
}
