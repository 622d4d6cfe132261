import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { malformedXml } from './errors.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

type XmlValue = string | number | boolean | undefined | XmlObject | readonly XmlValue[];
export interface XmlObject {
  readonly [name: string]: XmlValue;
}

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressEmptyNode: true,
  // The builder's own escaping leaves control characters as they are, and a bare CR would be read back as LF.
  processEntities: false,
  tagValueProcessor: (_name, value) => escapeText(String(value)),
});

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  // The parser drops references to control characters, which keys may contain: another key would be meant.
  processEntities: false,
});

/** A document with S3's namespace. Members that are undefined are left out. */
export const buildXml = (root: string, content: XmlObject): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [root]: { '@xmlns': NAMESPACE, ...content } })}`;

/** S3's errors are in no namespace. */
export const buildErrorXml = (content: XmlObject): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ Error: content })}`;

/** An element of a parsed document, asked for by names. */
export class XmlElement {
  readonly #node: unknown;

  constructor(node: unknown) {
    this.#node = node;
  }

  child(name: string): XmlElement | undefined {
    return this.children(name)[0];
  }

  children(name: string): XmlElement[] {
    if (typeof this.#node !== 'object' || this.#node === null || !Object.hasOwn(this.#node, name)) return [];
    const found: unknown = Reflect.get(this.#node, name);
    return (Array.isArray(found) ? found : [found]).map((node) => new XmlElement(node));
  }

  /** The text of a child, or undefined when there is no such child. */
  text(name: string): string | undefined {
    return this.child(name)?.ownText;
  }

  get ownText(): string {
    if (typeof this.#node === 'string') return unescapeText(this.#node);
    if (typeof this.#node !== 'object' || this.#node === null || !('#text' in this.#node)) return '';
    return unescapeText(String(this.#node['#text']));
  }
}

/**
 * Parses a document whose root has the given name.
 * @throws S3Error `MalformedXML`
 */
export function parseXml(document: string, root: string): XmlElement {
  let parsed: unknown;
  try {
    parsed = parser.parse(document, true);
  } catch {
    throw malformedXml();
  }
  const element = new XmlElement(parsed).child(root);
  if (!element) throw malformedXml();
  return element;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const ESCAPES = new Map(Object.entries(ENTITIES).map(([name, character]) => [character, `&${name};`]));

const escapeText = (text: string) =>
  text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: S3 writes control characters of keys as references
    /[&<>"\x00-\x08\x0b-\x1f]/g,
    (character) => ESCAPES.get(character) ?? `&#x${character.charCodeAt(0).toString(16)};`,
  );

const unescapeText = (text: string) =>
  text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (_reference, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? fail();
    const code = Number.parseInt(hex ?? decimal, hex === undefined ? 10 : 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : fail();
  });

function fail(): never {
  throw malformedXml();
}
