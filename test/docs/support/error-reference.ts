import { TOP_LEVEL_CODES } from '../../../src/client/top-level-errors.ts';
import { ERROR_CODES } from '../../../src/records/error-codes.ts';
import { REMEDIES } from '../../../src/services/user-errors.ts';

/** Every error of Outport in Markdown, with what to do about it, from the code that gives it. */
export function errorReference(): string {
  return `# Errors

<!-- Written by \`npm run docs\` from the codes and remedies in the code. -->

Codes are stable; messages are for people, and name the values at fault. Every error comes with a remedy.

## What a well-written client can meet

In \`userErrors\` of a mutation, in \`checks\` of \`preflight\`, in \`failure\` of an export that FAILED, and, where AWS refused what a
field shows, in \`errors\`. The client throws them as \`RefusedError\`, \`NotPermittedError\` or \`ExportEndedError\`.

| code | what to do |
| --- | --- |
${[...ERROR_CODES]
  .sort()
  .map((code) => `| \`${code}\` | ${cell(REMEDIES[code])} |`)
  .join('\n')}

## What makes a request fail as a whole

In \`errors\` of the answer, as \`extensions.code\`.

| code | when | what to do |
| --- | --- | --- |
${Object.entries(TOP_LEVEL_CODES)
  .map(([code, { meaning, remedy }]) => `| \`${code}\` | ${cell(meaning)} | ${cell(remedy)} |`)
  .join('\n')}

## What never reached Outport

The client's own codes: \`UNREACHABLE\` (no connection came about, or it broke off), \`BAD_ANSWER\` (what answered is no GraphQL API,
or a gateway answered for it), \`NO_WEBSOCKET\` (there is nothing to subscribe over), \`TIMED_OUT\` (what was waited for goes on) and
\`EXPORT_CANCELED\` (what was waited for was canceled).
`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
