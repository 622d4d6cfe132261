import { readFileSync } from 'node:fs';

/** A fenced block of a document. */
export interface FencedBlock {
  readonly language: string;
  /** What stands behind the language: `run` where a test runs it, `session` where it was recorded. */
  readonly marker: string;
  readonly text: string;
  /** The line of its first line, from 1. */
  readonly line: number;
}

/** The fenced blocks of a document that have a marker, in their order. */
export function markedBlocks(file: string): FencedBlock[] {
  const document = readFileSync(file, 'utf8');
  return [...document.matchAll(/^```(\w+) (\w+)\n(.*?)^```$/gms)].map(
    ({ 1: language = '', 2: marker = '', 3: text = '', index }) => ({
      language,
      marker,
      text,
      line: document.slice(0, index).split('\n').length + 1,
    }),
  );
}
