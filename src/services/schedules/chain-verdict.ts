import type { ScheduleLink } from '../../records/schedule-records.ts';

/** Whether the links of a chain together are what they promise. */
export interface ChainVerdict {
  /** Whether each goes on where the one before it ends. */
  readonly contiguous: boolean;
  /** Whether the files of each were found to be what they should be. */
  readonly verified: boolean;
  /** Links that are complete. */
  readonly links: number;
  /** From which second, and up to which, they know every change; null without any. */
  readonly from: string | null;
  readonly to: string | null;
  readonly problems: readonly string[];
}

const PROBLEMS_MAX = 20;

/**
 * Judges a chain by its links alone.
 * @param links of one chain, in any order; those that are not complete are left out
 */
export function chainVerdict(links: readonly ScheduleLink[]): ChainVerdict {
  const complete = links.filter(({ status }) => status === 'COMPLETED').sort((a, b) => a.number - b.number);
  const breaks = complete.flatMap((link, n) => {
    const before = complete[n - 1];
    // Of a long chain, only the last links are judged.
    if (!before) return [];
    if (link.from === before.to) return [];
    return [`Link ${link.number} begins at ${link.from ?? link.to}, and link ${before.number} ends at ${before.to}.`];
  });
  const unverified = complete.filter(({ verified }) => !verified);
  return {
    contiguous: breaks.length === 0,
    verified: complete.length > 0 && unverified.length === 0,
    links: complete.length,
    from: complete[0] ? (complete[0].from ?? complete[0].to) : null,
    to: complete.at(-1)?.to ?? null,
    problems: [...breaks, ...unverified.map(({ number }) => `The files of link ${number} could not be read.`)].slice(
      0,
      PROBLEMS_MAX,
    ),
  };
}
