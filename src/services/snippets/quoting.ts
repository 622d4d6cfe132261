/* Texts as the languages of the snippets write them: names of tables and attributes are anybody's. */

/** A word of a POSIX shell. */
export const shellWord = (text: string): string =>
  /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** A string of standard SQL. */
export const sqlString = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** An identifier of standard SQL: DuckDB, and queries of Athena. */
export const sqlName = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** A string of HiveQL, in which a backslash escapes. */
export const hiveString = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;

/** A string of Python: JSON's escapes are among its own. */
export const pythonString = (text: string): string => JSON.stringify(text);

/** A member of a JSON document, as a JSON pointer names it. */
export const pointerStep = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
