/**
 * One object of the JSON list in an environment variable, read field by field. Every mistake, a field that nothing reads
 * among them, is an error that names the variable, the entry and the field: `OUTPORT_DESTINATIONS[0].owner must be …`.
 */
export class JsonEntry {
  readonly #where: string;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #unread: Set<string>;

  constructor(where: string, value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(`${where} must be an object`);
    this.#where = where;
    this.#fields = { ...value };
    this.#unread = new Set(Object.keys(value));
  }

  has(field: string): boolean {
    return this.#fields[field] !== undefined;
  }

  /** A text that passes a test; `must` says what the test is for, such as `be the name of a bucket`. */
  text(field: string, must: string, passes: (text: string) => boolean): string {
    const value = this.#read(field);
    if (typeof value !== 'string' || !passes(value)) throw this.#wrong(field, must);
    return value;
  }

  /** The same, or null when the field is left out. */
  optionalText(field: string, must: string, passes: (text: string) => boolean): string | null {
    return this.has(field) ? this.text(field, must, passes) : null;
  }

  /** A list of texts that each pass a test; one text may stand for a list of one. */
  texts(field: string, must: string, passes: (text: string) => boolean): string[] {
    const value = this.#read(field);
    const list: unknown[] = Array.isArray(value) ? value : [value];
    const texts = list.filter((item) => typeof item === 'string' && passes(item));
    if (texts.length !== list.length || list.length === 0) throw this.#wrong(field, must);
    return texts.map(String);
  }

  /** A whole number within bounds, or null when the field is left out. */
  optionalWholeNumber(field: string, min: number, max: number): number | null {
    if (!this.has(field)) return null;
    const value = this.#read(field);
    const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
    if (!fits) throw this.#wrong(field, `be a whole number from ${min} to ${max}`);
    return value;
  }

  object<T>(field: string, read: (entry: JsonEntry) => T): T | null {
    if (!this.has(field)) return null;
    return new JsonEntry(`${this.#where}.${field}`, this.#read(field)).#complete(read);
  }

  /** Reads the list in a variable. */
  static list<T>(variable: string, text: string, read: (entry: JsonEntry) => T): T[] {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      throw new Error(`${variable} must be JSON`);
    }
    if (!Array.isArray(parsed)) throw new Error(`${variable} must be a JSON list`);
    return parsed.map((value: unknown, index) => new JsonEntry(`${variable}[${index}]`, value).#complete(read));
  }

  #complete<T>(read: (entry: JsonEntry) => T): T {
    const result = read(this);
    const [unknown] = this.#unread;
    if (unknown !== undefined) throw new Error(`${this.#where}.${unknown} is no field that this version knows`);
    return result;
  }

  #read(field: string): unknown {
    this.#unread.delete(field);
    return this.#fields[field];
  }

  #wrong(field: string, must: string): Error {
    return new Error(`${this.#where}.${field} must ${must}`);
  }
}
