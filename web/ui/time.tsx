import { dateTime } from './format.ts';

/** A moment in the reader's time zone; pointed at, as the API tells it. */
export function Time({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={at} style={{ whiteSpace: 'nowrap' }}>
      {dateTime(at)}
    </time>
  );
}
