/** A table over the files of an export, as Hive's metastore describes it: Athena's DDL and Glue's API say the same. */
export interface HiveTable {
  readonly columns: readonly HiveColumn[];
  readonly serde: string;
  readonly inputFormat: string;
  readonly outputFormat: string;
  /** Of the SerDe, in order. */
  readonly properties: ReadonlyArray<readonly [name: string, value: string]>;
  readonly classification: 'json' | 'ion';
  /** Attributes that it has no column for. */
  readonly leftOut: readonly string[];
}

export interface HiveColumn {
  readonly name: string;
  /** Its type, names of struct fields written as `quote` does. */
  readonly type: (quote: (name: string) => string) => string;
}

/** Names that need no quotes, whatever reads them. */
export const isPlainName = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name);

/**
 * Gives names that Hive takes: lower case, letters, digits and underscores, each once.
 * @param reserved names that are taken
 */
export function hiveNames(names: readonly string[], reserved: ReadonlySet<string>): Map<string, string> {
  const taken = new Set(reserved);
  // Those that may stay as they are come first, so that none of the others takes theirs.
  const inOrder = names.toSorted((a, b) => Number(!isPlainName(a)) - Number(!isPlainName(b)));
  return new Map(
    inOrder.map((name) => {
      const plain = name
        .toLowerCase()
        .replace(/\W/g, '_')
        .replace(/^(?=\d|$)/, 'a_');
      let given = plain;
      for (let n = 2; taken.has(given); n += 1) given = `${plain}_${n}`;
      taken.add(given);
      return [name, given];
    }),
  );
}

export const leftOutNote = (names: readonly string[]): string | null =>
  names.length === 0 ? null : `Left out, as no one column fits what was seen of them: ${names.join(', ')}.`;
