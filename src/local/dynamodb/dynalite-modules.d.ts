/** The parts of dynalite 4 that are used as a library. It ships no types of its own. */

declare namespace Dynalite {
  type AttributeValue = import('aws-lambda').AttributeValue;
  type Item = Record<string, AttributeValue>;

  interface KeySchemaElement {
    readonly AttributeName: string;
    readonly KeyType: 'HASH' | 'RANGE';
  }

  interface Projection {
    readonly ProjectionType: 'ALL' | 'INCLUDE' | 'KEYS_ONLY';
    readonly NonKeyAttributes?: readonly string[];
  }

  interface Index {
    readonly IndexName: string;
    readonly KeySchema: readonly KeySchemaElement[];
    readonly Projection: Projection;
  }

  /** A table as far as the actions look at it. */
  interface Table {
    readonly TableName: string;
    readonly KeySchema: readonly KeySchemaElement[];
    readonly AttributeDefinitions: ReadonlyArray<{
      readonly AttributeName: string;
      readonly AttributeType: 'S' | 'N' | 'B';
    }>;
    readonly LocalSecondaryIndexes?: readonly Index[];
    readonly GlobalSecondaryIndexes?: readonly Index[];
  }

  type Callback<T> = (error?: Error | null, result?: T) => void;
  type Release = <T>(done: Callback<T>) => Callback<T>;

  /** LevelDB range options; bounds are keys within the sub-database. */
  interface Range {
    gt?: string;
    gte?: string;
    lt?: string;
    lte?: string;
    reverse?: boolean;
    limit?: number;
  }

  interface ItemDb {
    lock(key: string, task: (release: Release) => void): void;
    get(key: string, done: Callback<Item>): void;
    put(key: string, item: Item, done: Callback<void>): void;
    del(key: string, done: Callback<void>): void;
    createValueStream(range: Range): NodeJS.ReadableStream;
  }

  type IndexDb = Pick<ItemDb, 'put' | 'del' | 'createValueStream'>;

  interface Store {
    readonly options: { readonly maxItemSize: number };
    getTable(name: string, done: Callback<Table>): void;
    getTable(name: string, mustBeActive: boolean, done: Callback<Table>): void;
    getItemDb(tableName: string): ItemDb;
    getIndexDb(type: string, tableName: string, indexName: string): IndexDb;
  }

  type Action = (store: Store, request: object, done: Callback<object>) => void;

  /** A member's type and constraints, such as `{ type: 'String', notNull: true, enum: ['S', 'N'] }`. */
  interface MemberRules {
    readonly type: string;
    readonly required?: boolean;
    readonly notNull?: boolean;
    readonly tableName?: boolean;
    readonly enum?: readonly string[];
    readonly regex?: string;
    readonly greaterThanOrEqual?: number;
    readonly lessThanOrEqual?: number;
    readonly lengthGreaterThanOrEqual?: number;
    readonly lengthLessThanOrEqual?: number;
    readonly keys?: object;
    readonly values?: object;
    readonly children?: string | Members | MemberRules;
  }
  type Members = { readonly [member: string]: string | MemberRules };

  interface Validation {
    readonly types: Readonly<Record<string, MemberRules>>;
    /** What constraints of single members cannot say; returns the message of a violation. */
    readonly custom?: (request: object, store: Pick<Store, 'options'>) => string | null | undefined;
  }

  /** A parsed condition; only dynalite looks into it. */
  type Expression = object;

  /** Parsed by `validateExpressions` into the request. */
  interface ParsedExpressions {
    readonly _condition?: { readonly nestedPaths?: object };
    readonly _filter?: { readonly expression: Expression };
    readonly _keyCondition?: { readonly expression: Expression };
    readonly _projection?: {
      readonly paths: ReadonlyArray<ReadonlyArray<string | number>>;
      readonly nestedPaths?: object;
    };
  }

  interface IndexAction {
    readonly index: string;
    readonly key: string;
    readonly item: Item;
  }
}

declare module 'dynalite/db/index.js' {
  const db: {
    createKey(
      item: Dynalite.Item,
      table: Pick<Dynalite.Table, 'KeySchema' | 'AttributeDefinitions'>,
      keySchema?: readonly Dynalite.KeySchemaElement[],
    ): string;
    createIndexKey(item: Dynalite.Item, table: Dynalite.Table, keySchema: readonly Dynalite.KeySchemaElement[]): string;
    validateKey(key: Dynalite.Item, table: Dynalite.Table): Error | null | undefined;
    validateItem(item: Dynalite.Item, table: Dynalite.Table): Error | null | undefined;
    validateKeyPaths(nestedPaths: object | undefined, table: Dynalite.Table): Error | null | undefined;
    matchesExprFilter(item: Dynalite.Item, expression: Dynalite.Expression): boolean;
    checkConditional(request: object, item: Dynalite.Item | undefined): Error | null | undefined;
    mapPaths(paths: ReadonlyArray<ReadonlyArray<string | number>>, item: Dynalite.Item): Dynalite.Item;
    itemSize(item: Dynalite.Item): number;
    capacityUnits(item: Dynalite.Item | undefined, isRead: boolean, isConsistent: boolean): number;
    getIndexActions(
      indexes: readonly Dynalite.Index[],
      before: Dynalite.Item | undefined,
      after: Dynalite.Item | undefined,
      table: Dynalite.Table,
    ): { puts: Dynalite.IndexAction[]; deletes: Array<Pick<Dynalite.IndexAction, 'index' | 'key'>> };
  };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  const validations: {
    checkTypes(data: object, types: Dynalite.Members): object;
    checkValidations(
      data: object,
      types: Dynalite.Members,
      custom: Dynalite.Validation['custom'],
      store: Pick<Dynalite.Store, 'options'>,
    ): void;
    validateAttributeValue(value: Dynalite.AttributeValue): string | null | undefined;
    validateExpressionParams(request: object, expressions: string[], others: string[]): string | null | undefined;
    validateExpressions(request: object): string | null | undefined;
  };
  export default validations;
}

declare module 'dynalite/validations/*.js' {
  const validation: Dynalite.Validation;
  export default validation;
}

declare module 'dynalite/actions/*.js' {
  const action: Dynalite.Action;
  export default action;
}
