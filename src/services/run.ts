/** How long a run may go on, and what it needs of the world beside AWS. */
export interface Run {
  readonly remainingMs: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Told of what went wrong with one export or account; the run goes on with the others. */
  readonly report: (error: unknown, about: string) => void;
}
