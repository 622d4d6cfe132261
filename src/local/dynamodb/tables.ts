import { resourceInUse, resourceNotFound } from './errors.ts';
import { keyspace } from './keyspace.ts';
import type { Store } from './store.ts';
import { noItems, type Scope, type Statistics, Table, type TableRecord } from './table.ts';

/** All tables of the store, held in memory: there are few, and every call needs one. */
export class Tables {
  readonly #byName = new Map<string, Table>();

  static async open(store: Store): Promise<Tables> {
    const tables = new Tables();
    for await (const [, text] of store.entries(keyspace.tables)) {
      const record: TableRecord = JSON.parse(text);
      const { TableId } = record.description;
      const counted = store.get(keyspace.statistics(TableId));
      const statistics: Statistics = counted === undefined ? noItems() : JSON.parse(counted);
      let lastChange = 0;
      for await (const [sequence] of store.entries(keyspace.changes(TableId), { reverse: true, limit: 1 })) {
        lastChange = Number(sequence);
      }
      tables.add(new Table(record, statistics, lastChange));
    }
    return tables;
  }

  add(table: Table): void {
    this.#byName.set(nameOf(table.record, table.name), table);
  }

  drop(table: Table): void {
    table.dropped = true;
    this.#byName.delete(nameOf(table.record, table.name));
  }

  find(scope: Scope, name: string): Table | undefined {
    return this.#byName.get(nameOf(scope, name));
  }

  /** @throws DynamoDbError ResourceNotFoundException */
  get(scope: Scope, name: string): Table {
    const table = this.find(scope, name);
    if (!table) throw resourceNotFound(`Requested resource not found: Table: ${name} not found`);
    return table;
  }

  /**
   * A table that may be changed.
   * @throws DynamoDbError ResourceNotFoundException, or ResourceInUseException for one that is being imported
   */
  getActive(scope: Scope, name: string): Table {
    const table = this.get(scope, name);
    if (!table.record.isImporting) return table;
    throw resourceInUse(`Attempt to change a resource which is still in use: Table is being created: ${name}`);
  }

  /** A table whose items may be read and written. */
  findActive(scope: Scope, name: string): Table | undefined {
    const table = this.find(scope, name);
    return table?.record.isImporting ? undefined : table;
  }

  all(): Table[] {
    return [...this.#byName.values()];
  }

  /** Names in ascending order. */
  namesIn({ accountId, region }: Scope): string[] {
    return this.all()
      .filter(({ record }) => record.accountId === accountId && record.region === region)
      .map(({ name }) => name)
      .sort();
  }
}

const nameOf = ({ accountId, region }: Scope, name: string): string => `${accountId}/${region}/${name}`;
