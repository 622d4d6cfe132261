/** Data files of a table: an on-demand table has four partitions (facts §3.2), each a quarter of the hashes. */
const PARTITION_COUNT = 4;

export const PARTITIONS = Array.from({ length: PARTITION_COUNT }, (_, partition) => partition);

const DIGITS_EACH = 16 / PARTITION_COUNT;

/** The partition of a position, by the first of its hexadecimal digits, given as the byte of its character. */
export function partitionOf(firstDigit: number): number {
  return Math.floor(hexDigit(firstDigit) / DIGITS_EACH);
}

/** What a hexadecimal digit, given as the byte of its character, stands for. */
export function hexDigit(byte: number): number {
  return byte < 0x61 ? byte - 0x30 : byte - 0x61 + 10;
}

/** The position that all of a partition's are below. */
export function endOf(partition: number): string {
  return partition === PARTITION_COUNT - 1 ? 'g' : ((partition + 1) * DIGITS_EACH).toString(16);
}
