import { readFileSync } from 'node:fs';

/** A fenced block of a document. */
export interface FencedBlock {
  readonly language: string;
  /** What stands behind the language: what is done so that it stays true (see CONTRIBUTING.md). */
  readonly marker: string;
  readonly text: string;
  /** The line of its first line, from 1. */
  readonly line: number;
}

/** The fenced blocks of a document that have a language, in their order; without one they are what was printed, or drawings. */
export function fencedBlocks(file: string): FencedBlock[] {
  const document = readFileSync(file, 'utf8');
  return [...document.matchAll(/^```(\w+) ?(\w*)\n(.*?)^```$/gms)].map(
    ({ 1: language = '', 2: marker = '', 3: text = '', index }) => ({
      language,
      marker,
      text,
      line: document.slice(0, index).split('\n').length + 1,
    }),
  );
}
