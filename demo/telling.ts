const NAME_WIDTH = 9;
const LINE_WIDTH = 110;

/** @throws Error unless it is as it is told */
export function told(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not as told: ${what}`);
}

/** Begins a chapter. */
export function title(text: string): void {
  console.log(`\n${text}`);
}

/** One line of what somebody does or sees. */
export function say(who: { readonly name: string } | string, text: string): void {
  const [first = '', ...others] = wrapped(text);
  console.log(`  ${(typeof who === 'string' ? who : who.name).padEnd(NAME_WIDTH)}${first}`);
  for (const line of others) detail(line);
}

/** A text in lines that are broken between words. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > LINE_WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** A line more of the same. */
export function detail(text: string): void {
  console.log(`  ${' '.repeat(NAME_WIDTH)}${text}`);
}

/** The time of day of an ISO 8601 time. */
export const clock = (time: string | null): string => time?.slice(11, 19) ?? 'never';

/** `Ana 3, Ben 2`. */
export function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
