const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `442.6 KiB`, `100 TiB`: a size for people to read. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  if (power === 0) return `${bytes} bytes`;
  return `${(bytes / 1024 ** power).toFixed(1).replace(/\.0$/, '')} ${UNITS[power - 1]}`;
}
