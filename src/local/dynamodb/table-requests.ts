import createTableRules from 'dynalite/validations/createTable.js';
import updateTableRules from 'dynalite/validations/updateTable.js';
import type { StreamViewType } from './table.ts';

export interface RequestedThroughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}

export interface RequestedIndex extends Dynalite.Index {
  readonly ProvisionedThroughput?: RequestedThroughput;
}

interface TableSettings {
  readonly TableName: string;
  readonly BillingMode?: 'PROVISIONED' | 'PAY_PER_REQUEST';
  readonly ProvisionedThroughput?: RequestedThroughput;
  readonly StreamSpecification?: { readonly StreamEnabled: boolean; readonly StreamViewType?: StreamViewType };
  readonly DeletionProtectionEnabled?: boolean;
  readonly TableClass?: string;
  readonly SSESpecification?: {
    readonly Enabled?: boolean;
    readonly SSEType?: string;
    readonly KMSMasterKeyId?: string;
  };
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface CreateTableRequest extends TableSettings, Dynalite.Table {
  readonly GlobalSecondaryIndexes?: readonly RequestedIndex[];
  readonly Tags?: readonly Tag[];
}

export interface IndexUpdate {
  readonly Create?: RequestedIndex;
  readonly Update?: { readonly IndexName: string; readonly ProvisionedThroughput: RequestedThroughput };
  readonly Delete?: { readonly IndexName: string };
}

export interface UpdateTableRequest extends TableSettings {
  readonly AttributeDefinitions?: Dynalite.Table['AttributeDefinitions'];
  readonly GlobalSecondaryIndexUpdates?: readonly IndexUpdate[];
}

export const tagList: Dynalite.MemberRules = {
  type: 'List',
  children: {
    type: 'ValueStruct<Tag>',
    children: {
      Key: { type: 'String', notNull: true, lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 128 },
      Value: { type: 'String', notNull: true, lengthLessThanOrEqual: 256 },
    },
  },
};

/** Settings of tables that came to DynamoDB after dynalite's rules were written. */
const laterSettings: Readonly<Record<string, Dynalite.MemberRules>> = {
  StreamSpecification: {
    type: 'FieldStruct<StreamSpecification>',
    children: {
      StreamEnabled: { type: 'Boolean', notNull: true },
      StreamViewType: { type: 'String', enum: ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] },
    },
  },
  DeletionProtectionEnabled: { type: 'Boolean' },
  TableClass: { type: 'String', enum: ['STANDARD', 'STANDARD_INFREQUENT_ACCESS'] },
  SSESpecification: {
    type: 'FieldStruct<SSESpecification>',
    children: {
      Enabled: 'Boolean',
      SSEType: { type: 'String', enum: ['AES256', 'KMS'] },
      KMSMasterKeyId: 'String',
    },
  },
};

const { AttributeDefinitions, KeySchema, ProvisionedThroughput } = createTableRules.types;
if (!AttributeDefinitions || !KeySchema || !ProvisionedThroughput)
  throw new Error('dynalite misses rules of CreateTable.');

const indexName: Dynalite.MemberRules = {
  type: 'String',
  notNull: true,
  regex: '[a-zA-Z0-9_.-]+',
  lengthGreaterThanOrEqual: 3,
  lengthLessThanOrEqual: 255,
};

/** dynalite's rules predate on-demand tables here: their indexes are created without capacity of their own. */
const indexUpdates: Dynalite.MemberRules = {
  type: 'List',
  children: {
    type: 'ValueStruct<GlobalSecondaryIndexUpdate>',
    children: {
      Create: {
        type: 'FieldStruct<CreateGlobalSecondaryIndexAction>',
        children: {
          IndexName: indexName,
          KeySchema,
          Projection: {
            type: 'FieldStruct<Projection>',
            notNull: true,
            children: {
              ProjectionType: { type: 'String', enum: ['ALL', 'INCLUDE', 'KEYS_ONLY'] },
              NonKeyAttributes: { type: 'List', lengthGreaterThanOrEqual: 1, children: 'String' },
            },
          },
          ProvisionedThroughput,
        },
      },
      Update: {
        type: 'FieldStruct<UpdateGlobalSecondaryIndexAction>',
        children: { IndexName: indexName, ProvisionedThroughput: { ...ProvisionedThroughput, notNull: true } },
      },
      Delete: { type: 'FieldStruct<DeleteGlobalSecondaryIndexAction>', children: { IndexName: indexName } },
    },
  },
};

export const createTableValidation: Dynalite.Validation = {
  types: { ...createTableRules.types, ...laterSettings, Tags: tagList },
  custom: (request, store) =>
    createTableRules.custom?.(request, store) ?? streamViolation(request as CreateTableRequest),
};

export const updateTableValidation: Dynalite.Validation = {
  types: {
    ...updateTableRules.types,
    ...laterSettings,
    AttributeDefinitions: { type: AttributeDefinitions.type, children: AttributeDefinitions.children },
    GlobalSecondaryIndexUpdates: indexUpdates,
  },
  custom(data, store) {
    const request = data as UpdateTableRequest;
    const changesLaterSetting = Object.keys(laterSettings).some((setting) => setting in request);
    // `UpdateStreamEnabled` is the one setting beyond capacity that dynalite's rule takes as a change.
    const known = changesLaterSetting ? { ...request, UpdateStreamEnabled: true } : request;
    return updateTableRules.custom?.(known, store) ?? streamViolation(request);
  },
};

function streamViolation({ StreamSpecification: stream }: TableSettings): string | null {
  if (!stream || stream.StreamEnabled === (stream.StreamViewType !== undefined)) return null;
  return stream.StreamEnabled
    ? 'One or more parameter values were invalid: StreamViewType must be specified when StreamEnabled is true'
    : 'One or more parameter values were invalid: StreamViewType must not be specified when StreamEnabled is false';
}
