import { AccountsDocument, type OutportClient, TablesDocument, type TablesQuery } from '../../client/index.ts';
import { nodesOf } from '../../client/pages.ts';
import { CommandError } from '../exit-codes.ts';

const PAGE_SIZE = 50;

export type Table = TablesQuery['tables']['nodes'][number];

/** Which accounts and Regions to look at. What is left out does not restrict. */
export interface Place {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/** The accounts and Regions of a place; one that is named whole is taken at its word. */
export async function accountRegions(client: OutportClient, { account, region }: Place) {
  if (account !== undefined && region !== undefined) return [{ account, region }];
  const { accounts } = await client.request(AccountsDocument, {});
  const found = accounts.filter(
    (each) => (account ?? each.account) === each.account && (region ?? each.region) === each.region,
  );
  if (found.length > 0) return found;
  throw new CommandError(
    'Outport knows no such account and Region yet, or you may see nothing in them.',
    'Name both, --account 111122223333 --region eu-central-1, or name the table by its ARN; or ask for a policy that lets you see tables.',
  );
}

/** The tables of a place that you may see, by account, Region and name. */
export async function* tablesOf(client: OutportClient, place: Place, nameBeginsWith?: string): AsyncGenerator<Table> {
  for (const { account, region } of await accountRegions(client, place)) {
    yield* nodesOf(async (after) => {
      const variables = { account, region, first: PAGE_SIZE, after, nameBeginsWith };
      return (await client.request(TablesDocument, variables)).tables;
    });
  }
}

/** The ARN of a table: as it was given, or found by the name. */
export async function findTable(client: OutportClient, table: string, place: Place): Promise<string> {
  if (table.startsWith('arn:')) return table;
  const found: string[] = [];
  for await (const { tableName, tableArn } of tablesOf(client, place, table)) {
    if (tableName === table) found.push(tableArn);
  }
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  throw only === undefined
    ? new CommandError(
        `There is no table "${table}" that you may see.`,
        'See "outport tables", or name the table by its ARN.',
      )
    : new CommandError(
        `There are several tables "${table}": ${found.join(', ')}.`,
        'Name the table by its ARN, or say where it is with --account and --region.',
      );
}

/** A table's name, from its ARN. */
export const tableNameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
