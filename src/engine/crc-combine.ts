/** The CRC-32 polynomial, bit-reversed, as gzip uses it. */
const POLYNOMIAL = 0xedb88320;

/**
 * Product of two polynomials over GF(2) modulo the CRC polynomial; the highest bit is the lowest power. Masks instead of
 * branches: which way those go is not to be foreseen, and they take three times as long.
 */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b | 0;
  for (let bit = 31; bit >= 0; bit--) {
    product ^= factor & -((a >>> bit) & 1);
    factor = (factor >>> 1) ^ (POLYNOMIAL & -(factor & 1));
  }
  return product >>> 0;
}

/** x^(2^k) for k from 0 to 31. Then they repeat, as the powers of x have the period 2^32 - 1. */
const SQUARES: number[] = [];
for (let power = 0x40000000; SQUARES.length < 32; power = multiply(power, power)) SQUARES.push(power);

/** What `shiftOf` found for the lengths that pieces have: those of a table differ by no more than a line. */
const shifts = new Map<number, number>();
const SHIFTS_MAX = 4096;

/** x^(8 * byteCount): what appending that many bytes multiplies a CRC by. */
function shiftOf(byteCount: number): number {
  const known = shifts.get(byteCount);
  if (known !== undefined) return known;
  let shift = 0x80000000;
  let k = 3;
  for (let rest = byteCount; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = multiply(SQUARES[k % 32] ?? 0, shift);
    k += 1;
  }
  if (shifts.size < SHIFTS_MAX) shifts.set(byteCount, shift);
  return shift;
}

/**
 * The CRC-32 of two byte strings joined, from the CRC of each and the length of the second (zlib's `crc32_combine`):
 * it lets pieces that were deflated apart share one gzip trailer without being read again.
 */
export function combineCrc(first: number, second: number, secondByteCount: number): number {
  return (multiply(shiftOf(secondByteCount), first) ^ second) >>> 0;
}
