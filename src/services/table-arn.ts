import type { AccountRegion } from '../records/ledger.ts';

/** A table's ARN, taken apart. `arn` is the text it came from. */
export interface TableArn {
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly tableName: string;
}

const TABLE_ARN =
  /^arn:(?<partition>aws(?:-[a-z]+)*):dynamodb:(?<region>[a-z]{2,3}(?:-[a-z]+)+-\d{1,2}):(?<account>\d{12}):table\/(?<tableName>[\w.-]{3,255})$/;

/** Regions of the partitions that are not `aws`: a Region of one never occurs in another. */
const REGION_PREFIX_OF_PARTITION: Readonly<Record<string, string>> = { 'aws-cn': 'cn-', 'aws-us-gov': 'us-gov-' };

/** @returns null for anything but the ARN of a table: names, ARNs of indexes, streams or exports, foreign partitions */
export function parseTableArn(text: string): TableArn | null {
  const { partition, region, account, tableName } = TABLE_ARN.exec(text)?.groups ?? {};
  if (!partition || !region || !account || !tableName) return null;
  const expected = REGION_PREFIX_OF_PARTITION[partition] === undefined ? null : partition;
  return partitionNamedBy(region) === expected ? { arn: text, partition, region, account, tableName } : null;
}

/** The partition that a Region gives away by its name, or null. */
const partitionNamedBy = (region: string): string | null =>
  Object.entries(REGION_PREFIX_OF_PARTITION).find(([, prefix]) => region.startsWith(prefix))?.[0] ?? null;

/** @returns null when one of the two is no account id or no Region's name */
export function parseAccountRegion(account: string, region: string): AccountRegion | null {
  if (!/^\d{12}$/.test(account) || !/^[a-z]{2,3}(?:-[a-z]+)+-\d{1,2}$/.test(region)) return null;
  return { partition: partitionNamedBy(region) ?? 'aws', account, region };
}

/** The table of an export's record. The record was made of a valid ARN, so anything else is a bug. */
export function tableOf({ id, tableArn }: { readonly id: string; readonly tableArn: string }): TableArn {
  const table = parseTableArn(tableArn);
  if (!table) throw new Error(`export ${id} has no table: ${tableArn}`);
  return table;
}
