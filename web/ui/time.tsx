import { ago, dateTime } from './format.ts';

interface TimeProps {
  readonly at: string;
}

/** A moment in the reader's time zone; pointed at, as the API tells it. */
export function Time({ at }: TimeProps) {
  return (
    <time dateTime={at} title={at} style={{ whiteSpace: 'nowrap' }}>
      {dateTime(at)}
    </time>
  );
}

/** How long ago it was, roughly; pointed at, the moment in the reader's time zone. */
export function Ago({ at, now }: TimeProps & { readonly now: number }) {
  return (
    <time dateTime={at} title={dateTime(at)} style={{ whiteSpace: 'nowrap' }}>
      {ago(at, now)}
    </time>
  );
}
