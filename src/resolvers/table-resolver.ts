import { GraphQLSafeInt } from 'graphql-scalars';
import { Arg, Args, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { exportPosition } from '../records/export-records.ts';
import { listExports } from '../services/list-exports.ts';
import { parseAccountRegion, parseTableArn } from '../services/table-arn.ts';
import { listTables, type ViewedTable, viewAccounts, viewTable } from '../services/view-tables.ts';
import { connectionOf, pageOf, toConnection } from './connection.ts';
import { exportsCursorFilter, filterOf } from './export-filter.ts';
import { ExportConnection } from './export-resolver.ts';
import type { RequestContext } from './request-context.ts';
import { AccountRegion, KeyAttribute, RecoveryWindow, Table, TablesArgs } from './table-types.ts';
import { badUserInput, tellingRefusals } from './top-level-errors.ts';

const TableConnection = connectionOf(Table, 'Table');
const TABLE_NAME = /^[\w.-]{3,255}$/;

@Resolver(() => Table)
export class TableResolver {
  @Query(() => [AccountRegion], {
    description:
      'The accounts and Regions whose tables the viewer may list: those that are configured, and those that Outport has exported from.',
  })
  accounts(@Ctx() { outport, principal }: RequestContext): Promise<AccountRegion[]> {
    return viewAccounts(outport, principal);
  }

  @Query(() => TableConnection, {
    description:
      'The tables of an account and Region that the viewer may see, by name. A page of which the viewer may see hardly any may be short, with more behind it.',
  })
  async tables(@Args(() => TablesArgs) args: TablesArgs, @Ctx() { outport, principal }: RequestContext) {
    const { account, region } = args;
    const scope = parseAccountRegion(account, region);
    if (!scope) throw badUserInput(`"${account}" in "${region}" is not an account in a Region.`);
    const nameBeginsWith = args.nameBeginsWith ?? '';
    const filter = { list: 'tables', account, region, nameBeginsWith };
    const page = { ...pageOf(args, filter, TABLE_NAME), nameBeginsWith };
    const tables = await tellingRefusals(listTables(outport, principal, scope, page));
    return toConnection(tables, ({ table }) => table.tableName, filter);
  }

  @Query(() => Table, {
    nullable: true,
    description: 'A table by its ARN; null when there is none or the viewer may not see it.',
  })
  async table(
    @Arg('tableArn', () => String, { description: 'Its ARN.' }) tableArn: string,
    @Ctx() { outport, principal }: RequestContext,
  ): Promise<Table | null> {
    const table = parseTableArn(tableArn);
    if (!table) throw badUserInput(`"${tableArn}" is not the ARN of a table.`);
    return tellingRefusals(viewTable(outport, principal, table));
  }

  @FieldResolver(() => String, { description: 'Its ARN.' })
  tableArn(@Root() { table }: ViewedTable): string {
    return table.arn;
  }

  @FieldResolver(() => String, { description: 'Its name.' })
  tableName(@Root() { table }: ViewedTable): string {
    return table.tableName;
  }

  @FieldResolver(() => String, { description: "DynamoDB's `TableStatus`: `ACTIVE`, `CREATING`, …" })
  async tableStatus(@Root() viewed: ViewedTable): Promise<string> {
    return (await tellingRefusals(viewed.description())).TableStatus ?? 'UNKNOWN';
  }

  @FieldResolver(() => GraphQLSafeInt, { description: "DynamoDB's own count of its items, up to six hours old." })
  async itemCount(@Root() viewed: ViewedTable): Promise<number> {
    return (await tellingRefusals(viewed.description())).ItemCount ?? 0;
  }

  @FieldResolver(() => GraphQLSafeInt, { description: "DynamoDB's own count of its bytes, up to six hours old." })
  async tableSizeBytes(@Root() viewed: ViewedTable): Promise<number> {
    return (await tellingRefusals(viewed.description())).TableSizeBytes ?? 0;
  }

  @FieldResolver(() => [KeyAttribute], { description: 'Its key: the partition key, then the sort key if it has one.' })
  async keySchema(@Root() viewed: ViewedTable): Promise<KeyAttribute[]> {
    const { KeySchema = [], AttributeDefinitions = [] } = await tellingRefusals(viewed.description());
    const typeOf = new Map(
      AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
    );
    return KeySchema.map(({ AttributeName = '', KeyType = 'HASH' }) => ({
      attributeName: AttributeName,
      keyType: KeyType,
      attributeType: typeOf.get(AttributeName) ?? 'S',
    }));
  }

  @FieldResolver(() => RecoveryWindow, { nullable: true, description: 'Null: point-in-time recovery is off.' })
  recovery(@Root() viewed: ViewedTable): Promise<RecoveryWindow | null> {
    return tellingRefusals(viewed.recovery());
  }

  @FieldResolver(() => ExportConnection, {
    description:
      'Its exports that the viewer may see, the newest first. `exports(filter: {tableArn})` goes on from `endCursor`.',
  })
  async exports(
    @Root() { table }: ViewedTable,
    @Arg('first', () => Int, { description: 'How many at most, 1 to 100.' }) first: number,
    @Ctx() { outport, principal }: RequestContext,
  ) {
    const filter = filterOf({ tableArn: table.arn }, principal.issuer);
    const cursorFilter = exportsCursorFilter(filter, 'CREATED_AT_DESC');
    const page = { ...pageOf({ first }, cursorFilter), order: 'NEWEST_FIRST' as const };
    return toConnection(await listExports(outport, principal, filter, page), exportPosition, cursorFilter);
  }
}
