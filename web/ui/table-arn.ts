/** What an ARN of a table names. */
export interface NamedTable {
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

/** Undefined: it is no ARN of a table. */
export function parseTableArn(arn: string): NamedTable | undefined {
  const [, region, account, name] = /^arn:[\w-]+:dynamodb:([\w-]+):(\d{12}):table\/([\w.-]{1,255})$/.exec(arn) ?? [];
  return region && account && name ? { region, account, name } : undefined;
}

/** The name of a table, or the ARN when it is of another form. */
export const tableNameOf = (arn: string): string => parseTableArn(arn)?.name ?? arn;
