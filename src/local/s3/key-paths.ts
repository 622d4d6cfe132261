import { createHash } from 'node:crypto';

/** File systems allow 255 bytes a name; what is left is for a suffix. */
const SEGMENT_BYTES_MAX = 200;
/** macOS allows 1024 bytes a path, the data folder's own included. */
const PATH_BYTES_MAX = 700;

// Besides separators and control characters: what Windows forbids in names, and `%`, which marks our own escapes.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a file name
const UNSAFE = /[\x00-\x1f\x7f/\\:*?"<>|%]/gu;
const WINDOWS_RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|$)/iu;

/**
 * The path under which a person would look for an object, folder by folder: its key, with every segment made a safe
 * file name. Different keys may be given the same path: whoever creates a file takes the first of `namesFor` that is
 * free, and the index remembers which.
 */
export function keyPath(key: string): string[] {
  const segments = key.split('/').map(safeSegment);
  if (Buffer.byteLength(segments.join('/')) <= PATH_BYTES_MAX) return segments;
  return ['%long', createHash('sha256').update(key).digest('hex')];
}

/** A safe name, then the same with `~1`, `~2`, … before its extensions, so that tools still recognise the file. */
export function* namesFor(segment: string): Generator<string, never> {
  yield segment;
  const dot = segment.indexOf('.', 1);
  const end = dot < 0 ? segment.length : dot;
  for (let n = 1; ; n++) yield `${segment.slice(0, end)}~${n}${segment.slice(end)}`;
}

function safeSegment(segment: string): string {
  if (segment === '') return '%';
  if (segment === '.' || segment === '..') return segment.replaceAll('.', '%2E');
  const escaped = segment
    .replace(UNSAFE, escapeCharacter)
    // Windows drops a trailing dot or space, and takes its device names for devices whatever their extension.
    .replace(/[. ]$/u, escapeCharacter)
    .replace(WINDOWS_RESERVED, (word) => escapeCharacter(word.slice(0, 1)) + word.slice(1));
  if (Buffer.byteLength(escaped) <= SEGMENT_BYTES_MAX) return escaped;
  const digest = createHash('sha256').update(segment).digest('hex').slice(0, 16);
  return `${firstBytes(escaped, SEGMENT_BYTES_MAX - 17)}~${digest}`;
}

const escapeCharacter = (character: string) =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** The beginning of a text that fits into a number of UTF-8 bytes, cut between characters. */
function firstBytes(text: string, bytesMax: number): string {
  let sizeBytes = 0;
  let end = 0;
  for (const character of text) {
    sizeBytes += Buffer.byteLength(character);
    if (sizeBytes > bytesMax) break;
    end += character.length;
  }
  return text.slice(0, end);
}
