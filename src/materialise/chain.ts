import { MaterialiseError } from './errors.ts';
import type { ExportManifest, FullExport, IncrementalExport } from './manifests.ts';

/** A full export and the increments that follow it without gap or overlap, up to the state that is wanted. */
export interface Chain {
  readonly full: FullExport;
  readonly increments: readonly IncrementalExport[];
  /** The time of the state. */
  readonly atMs: number;
}

/**
 * Orders exports into the chain that ends at a time, or at the last of its ends. Throws a `MaterialiseError` that names
 * the two that do not fit.
 */
export function chainOf(exports: readonly ExportManifest[], atMs?: number): Chain {
  const full = onlyFull(exports);
  const increments = exports
    .filter((each) => each.type === 'INCREMENTAL')
    .sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
  let last: ExportManifest = full;
  for (const next of increments) {
    requireSameTable(full, next);
    requireConsecutive(last, next);
    last = next;
  }
  const ends = [full, ...increments].map(({ toMs }) => toMs);
  const at = atMs ?? last.toMs;
  if (!ends.includes(at)) {
    throw new MaterialiseError(
      `The chain has no end at ${iso(at)}.`,
      `The states that it holds are those of ${ends.map(iso).join(', ')}.`,
    );
  }
  return { full, increments: increments.filter(({ toMs }) => toMs <= at), atMs: at };
}

function onlyFull(exports: readonly ExportManifest[]): FullExport {
  const [first, second] = exports.filter((each) => each.type === 'FULL');
  if (first && second === undefined) return first;
  throw new MaterialiseError(
    first && second
      ? `${first.folder.name} and ${second.folder.name} are both full exports.`
      : 'None is a full export.',
    'Name one full export, and the incremental exports that follow it.',
  );
}

function requireSameTable(full: FullExport, next: IncrementalExport): void {
  if (full.tableId === next.tableId) return;
  const tables = `${full.tableArn} (${full.tableId}) and ${next.tableArn} (${next.tableId})`;
  throw new MaterialiseError(
    `${full.folder.name} and ${next.folder.name} are of different tables: ${tables}.`,
    'A table that was deleted and created again is another one: begin with a full export of it.',
  );
}

function requireConsecutive(last: ExportManifest, next: IncrementalExport): void {
  if (next.fromMs === last.toMs) return;
  // An export of now is of a millisecond, while windows begin at whole seconds: what both have is the same in both.
  if (last.type === 'FULL' && next.fromMs === last.toMs - (last.toMs % 1000)) return;
  const what = next.fromMs > last.toMs ? 'gap' : 'overlap';
  throw new MaterialiseError(
    `There is ${what === 'gap' ? 'a gap' : 'an overlap'} between ${windowOf(last)} and ${windowOf(next)}.`,
    what === 'gap'
      ? `Add the incremental export from ${iso(last.toMs)} to ${iso(next.fromMs)}.`
      : 'Leave out one of the two, so that each window begins where the one before ends.',
  );
}

function windowOf(each: ExportManifest): string {
  const what = each.type === 'FULL' ? `the state at ${iso(each.toMs)}` : `${iso(each.fromMs)} – ${iso(each.toMs)}`;
  return `${what} (${each.folder.name})`;
}

const iso = (ms: number): string => new Date(ms).toISOString();
