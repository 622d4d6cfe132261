import zlib from 'node:zlib';
import { parseRequest } from '../dynalite.ts';
import { validationError } from '../errors.ts';
import { type CreateTableRequest, createTableValidation } from '../table-requests.ts';

export type InputCompression = 'GZIP' | 'ZSTD' | 'NONE';

/** How the records of an import stand in its objects. */
export type InputFormat =
  | { readonly name: 'DYNAMODB_JSON' | 'ION' }
  | { readonly name: 'CSV'; readonly delimiter: string; readonly header: readonly string[] | undefined };

/** The members of ImportTable as they were sent. */
export interface ImportTableRequest {
  readonly ClientToken?: string;
  readonly S3BucketSource: {
    readonly S3Bucket: string;
    readonly S3BucketOwner?: string;
    readonly S3KeyPrefix?: string;
  };
  readonly InputFormat: InputFormat['name'];
  readonly InputFormatOptions?: {
    readonly Csv?: { readonly Delimiter?: string; readonly HeaderList?: readonly string[] };
  };
  readonly InputCompressionType?: InputCompression;
  readonly TableCreationParameters: CreateTableRequest;
}

const HEADERS_MAX = 255;
const CSV_DELIMITER = '[,;:|\\t ]';

const importRules: Dynalite.Validation = {
  types: {
    ClientToken: { type: 'String', regex: '^[^\\$]+$' },
    S3BucketSource: {
      type: 'FieldStruct<S3BucketSource>',
      notNull: true,
      children: {
        S3Bucket: { type: 'String', notNull: true, lengthLessThanOrEqual: 255 },
        S3BucketOwner: { type: 'String', regex: '[0-9]{12}' },
        S3KeyPrefix: { type: 'String', lengthLessThanOrEqual: 1024 },
      },
    },
    InputFormat: { type: 'String', notNull: true, enum: ['DYNAMODB_JSON', 'ION', 'CSV'] },
    InputFormatOptions: {
      type: 'FieldStruct<InputFormatOptions>',
      children: {
        Csv: {
          type: 'FieldStruct<CsvOptions>',
          children: {
            Delimiter: { type: 'String', regex: CSV_DELIMITER },
            HeaderList: {
              type: 'List',
              lengthGreaterThanOrEqual: 1,
              lengthLessThanOrEqual: HEADERS_MAX,
              children: 'String',
            },
          },
        },
      },
    },
    InputCompressionType: { type: 'String', enum: ['GZIP', 'ZSTD', 'NONE'] },
    TableCreationParameters: {
      type: 'FieldStruct<TableCreationParameters>',
      notNull: true,
      children: tableParameters(),
    },
  },
};

/** What an import may say of its table: it has no local indexes, no stream and no tags. */
function tableParameters(): Dynalite.Members {
  const { AttributeDefinitions, TableName, BillingMode, ProvisionedThroughput, KeySchema } =
    createTableValidation.types;
  const { SSESpecification, GlobalSecondaryIndexes } = createTableValidation.types;
  const members = {
    AttributeDefinitions,
    TableName,
    BillingMode,
    ProvisionedThroughput,
    KeySchema,
    SSESpecification,
    GlobalSecondaryIndexes,
  };
  return Object.fromEntries(
    Object.entries(members).map(([name, rules]) => {
      if (!rules) throw new Error(`dynalite misses the rule of CreateTable for ${name}.`);
      return [name, rules];
    }),
  );
}

/** @throws DynamoDbError SerializationException or ValidationException */
export function parseImportRequest(data: object): ImportTableRequest {
  const request = parseRequest<ImportTableRequest>({ ...data }, importRules);
  // What a table needs is checked by the rules of CreateTable itself.
  const TableCreationParameters = parseRequest<CreateTableRequest>(
    { ...request.TableCreationParameters },
    createTableValidation,
  );
  if (request.InputFormatOptions?.Csv && request.InputFormat !== 'CSV') {
    throw validationError('Csv options can only be specified when InputFormat is CSV');
  }
  if (request.InputCompressionType === 'ZSTD' && !('createZstdDecompress' in zlib)) {
    throw validationError(
      `Node.js ${process.versions.node}, which this endpoint runs on, cannot read ZSTD: run it on Node.js 22.15 or later, or compress with GZIP.`,
    );
  }
  return { ...request, TableCreationParameters };
}

export function inputFormatOf({ InputFormat: name, InputFormatOptions }: ImportTableRequest): InputFormat {
  if (name !== 'CSV') return { name };
  const { Delimiter: delimiter = ',', HeaderList: header } = InputFormatOptions?.Csv ?? {};
  return { name, delimiter, header };
}
