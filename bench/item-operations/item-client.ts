import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';

const TABLE = 'items';
const KEYS = 1000;
const IN_FLIGHT = 4;

export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Puts and gets items of a table with recovery on, as applications do. */
export class ItemClient {
  readonly #client: DynamoDBClient;
  #count = 0;

  private constructor(client: DynamoDBClient) {
    this.#client = client;
  }

  /** Makes the table, with every item that is asked for later. */
  static async open(endpoint: string): Promise<ItemClient> {
    const client = new DynamoDBClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: '000000000000', secretAccessKey: 'outport' },
    });
    await client.send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    await client.send(
      new UpdateContinuousBackupsCommand({
        TableName: TABLE,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );
    const items = new ItemClient(client);
    for (let n = 0; n < KEYS; n++) await items.#put();
    return items;
  }

  /** Goes on with one kind of operation for so long, a few at once. */
  async run(operation: 'PutItem' | 'GetItem', seconds: number): Promise<Measured> {
    const millis: number[] = [];
    const begin = performance.now();
    const end = begin + seconds * 1000;
    const caller = async () => {
      for (let start = performance.now(); start < end; start = performance.now()) {
        await (operation === 'PutItem' ? this.#put() : this.#get());
        millis.push(performance.now() - start);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
    const perSecond = millis.length / ((performance.now() - begin) / 1000);
    millis.sort((a, b) => a - b);
    const quantile = (share: number) => millis[Math.floor((millis.length - 1) * share)] ?? Number.NaN;
    return { perSecond, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
  }

  close(): void {
    this.#client.destroy();
  }

  #put() {
    const Item = { ...this.#nextKey(), count: { N: String(this.#count) }, text: { S: 'x'.repeat(300) } };
    return this.#client.send(new PutItemCommand({ TableName: TABLE, Item }));
  }

  #get() {
    return this.#client.send(new GetItemCommand({ TableName: TABLE, Key: this.#nextKey() }));
  }

  #nextKey() {
    this.#count += 1;
    return { id: { S: `item-${this.#count % KEYS}` } };
  }
}
