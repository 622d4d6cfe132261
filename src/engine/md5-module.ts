/** Messages that are hashed at once. */
export const LANES = 8;

export const GROUP_LANES = 4;
const GROUPS = LANES / GROUP_LANES;
export const VECTOR_BYTES = 16;
export const BLOCK_BYTES = 64;
export const STEPS = 64;
const WORDS = BLOCK_BYTES / 4;
/** a, b, c and d of RFC 1321. */
export const REGISTERS = 4;

/** Where in the module's memory things are. */
export const CONSTANTS_AT = 0;
export const STATE_AT = CONSTANTS_AT + STEPS * VECTOR_BYTES;
export const POINTERS_AT = STATE_AT + GROUPS * REGISTERS * VECTOR_BYTES;
export const MESSAGES_AT = 4096;

/** By round: how far step `n` rotates, and which word of the block it adds. */
const ROTATIONS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];
const WORD_OF_STEP = [
  (n: number) => n % WORDS,
  (n: number) => (5 * n + 1) % WORDS,
  (n: number) => (3 * n + 5) % WORDS,
  (n: number) => (7 * n) % WORDS,
];

/** Instructions of WebAssembly 2.0, as bytes. */
type Code = readonly number[];

const I32 = 0x7f;
const V128 = 0x7b;
const END: Code = [0x0b];
const LOOP: Code = [0x03, 0x40];
const BRANCH_TO_LOOP_IF: Code = [0x0d, 0x00];
const I32_LOAD = 0x28;
const I32_ADD: Code = [0x6a];
const I32_SUB: Code = [0x6b];
const LOAD = 0x00;
const STORE = 0x0b;
const SHUFFLE = 0x0d;
const NOT = vector(0x4d);
const AND = vector(0x4e);
const AND_NOT = vector(0x4f);
const OR = vector(0x50);
const XOR = vector(0x51);
const SHIFT_LEFT = vector(0xab);
const SHIFT_RIGHT = vector(0xad);
const ADD = vector(0xae);

function vector(operation: number): Code {
  return [0xfd, ...unsigned(operation)];
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** An i32, below 8192. */
const i32 = (value: number): Code => [0x41, ...(value < 0x40 ? [value] : [(value & 0x7f) | 0x80, value >>> 7])];
const get = (local: number): Code => [0x20, ...unsigned(local)];
const set = (local: number): Code => [0x21, ...unsigned(local)];
const keep = (local: number): Code => [0x22, ...unsigned(local)];
const load = (at: number): Code => [...i32(0), ...vector(LOAD), 4, ...unsigned(at)];
const store = (at: number, value: Code): Code => [...i32(0), ...value, ...vector(STORE), 4, ...unsigned(at)];
/** Four words of two vectors, of which the first has words 0 to 3 and the second 4 to 7. */
const pick = (first: number, second: number, words: readonly number[]): Code => [
  ...get(first),
  ...get(second),
  ...vector(SHUFFLE),
  ...words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte)),
];

/**
 * A WebAssembly module of one function, `compress(blockCount)`, which takes so many blocks in each lane, from where the lane's pointer
 * is. Each step of MD5 waits for the one before, so a processor that hashes one message is idle most of the time; here
 * every instruction serves four messages, and two such groups take turns.
 */
export function md5Module(): Uint8Array {
  const body = compressBody();
  return Uint8Array.from([
    ...[0x00, ...Buffer.from('asm'), 0x01, 0x00, 0x00, 0x00],
    ...section(1, [0x01, 0x60, 0x01, I32, 0x00]),
    ...section(2, [0x01, ...name('engine'), ...name('memory'), 0x02, 0x00, 0x01]),
    ...section(3, [0x01, 0x00]),
    ...section(7, [0x01, ...name('compress'), 0x00, 0x00]),
    ...section(10, [0x01, ...unsigned(body.length), ...body]),
  ]);
}

const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const name = (text: string): Code => [text.length, ...Buffer.from(text)];

function compressBody(): Code {
  const blockCount = 0;
  const pointers = Array.from({ length: LANES }, (_, lane) => 1 + lane);
  const vectors = 1 + LANES;
  const groups = Array.from({ length: GROUPS }, (_, group) => {
    const from = vectors + group * (REGISTERS + WORDS);
    const locals = Array.from({ length: REGISTERS + WORDS }, (_, index) => from + index);
    return {
      pointers: pointers.slice(group * GROUP_LANES, (group + 1) * GROUP_LANES),
      state: locals.slice(0, REGISTERS),
      words: locals.slice(REGISTERS),
      stateAt: STATE_AT + group * REGISTERS * VECTOR_BYTES,
    };
  });
  const spare = vectors + GROUPS * (REGISTERS + WORDS);
  const vectorCount = spare + 1 - vectors;

  const code: number[] = [];
  const emit = (...parts: readonly Code[]) => {
    for (const part of parts) code.push(...part);
  };
  emit([0x02, ...unsigned(LANES), I32, ...unsigned(vectorCount), V128]);
  for (const [lane, pointer] of pointers.entries()) {
    emit(i32(0), [I32_LOAD, 2, ...unsigned(POINTERS_AT + 4 * lane)], set(pointer));
  }
  for (const { state, stateAt } of groups) {
    for (const [register, local] of state.entries()) emit(load(stateAt + register * VECTOR_BYTES), set(local));
  }
  emit(LOOP);
  for (const group of groups) emit(loadWords(group, spare));
  for (let step = 0; step < STEPS; step++) {
    // The groups take turns step by step, as neither has to wait for the other.
    for (const { state, words } of groups) emit(stepOf(step, state, words));
  }
  for (const { state, stateAt } of groups) {
    for (const [register, local] of state.entries()) {
      const at = stateAt + register * VECTOR_BYTES;
      emit(get(local), load(at), ADD, set(local), store(at, get(local)));
    }
  }
  for (const pointer of pointers) emit(get(pointer), i32(BLOCK_BYTES), I32_ADD, set(pointer));
  emit(get(blockCount), i32(1), I32_SUB, keep(blockCount), BRANCH_TO_LOOP_IF, END, END);
  return code;
}

/** A block of each lane of a group, turned around: word `n` of every lane in local `words[n]`. */
function loadWords(
  { pointers, words }: { pointers: readonly number[]; words: readonly number[] },
  spare: number,
): Code {
  const code: number[] = [];
  for (let from = 0; from < WORDS; from += GROUP_LANES) {
    const [a = 0, b = 0, c = 0, d = 0] = words.slice(from, from + GROUP_LANES);
    for (const [lane, local] of [a, b, c, d].entries()) {
      code.push(...get(pointers[lane] ?? 0), ...vector(LOAD), 0, ...unsigned(4 * from), ...set(local));
    }
    code.push(...pick(a, b, [0, 4, 1, 5]), ...set(spare), ...pick(a, b, [2, 6, 3, 7]), ...set(a));
    code.push(...pick(c, d, [0, 4, 1, 5]), ...set(b), ...pick(c, d, [2, 6, 3, 7]), ...set(c));
    code.push(...pick(a, c, [2, 3, 6, 7]), ...set(d), ...pick(a, c, [0, 1, 4, 5]), ...set(c));
    code.push(...pick(spare, b, [0, 1, 4, 5]), ...set(a), ...pick(spare, b, [2, 3, 6, 7]), ...set(b));
  }
  return code;
}

/**
 * a = b + ((a + f(b, c, d) + word + constant) rotated). What depends on b, which the step before has just made, comes last: f is
 * written so that as little as possible waits for it.
 */
function stepOf(step: number, state: readonly number[], words: readonly number[]): Code {
  const round = Math.floor(step / 16);
  // The registers change places with each step, by the names of their locals.
  const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((register) => state[(register - step + STEPS) % 4] ?? 0);
  const word = words[WORD_OF_STEP[round]?.(step) ?? 0] ?? 0;
  const rotation = ROTATIONS[round]?.[step % 4] ?? 0;
  return [
    ...[...get(a), ...load(CONSTANTS_AT + step * VECTOR_BYTES), ...ADD, ...get(word), ...ADD],
    ...addFunction(round, b, c, d),
    ...[...keep(a), ...i32(rotation), ...SHIFT_LEFT, ...get(a), ...i32(32 - rotation), ...SHIFT_RIGHT, ...OR],
    ...[...get(b), ...ADD, ...set(a)],
  ];
}

function addFunction(round: number, b: number, c: number, d: number): Code {
  switch (round) {
    case 0: // (b & c) | (~b & d)
      return [...get(c), ...get(d), ...XOR, ...get(b), ...AND, ...get(d), ...XOR, ...ADD];
    case 1: // (b & d) | (c & ~d), which have no bit in common
      return [...get(c), ...get(d), ...AND_NOT, ...ADD, ...get(b), ...get(d), ...AND, ...ADD];
    case 2: // b ^ c ^ d
      return [...get(c), ...get(d), ...XOR, ...get(b), ...XOR, ...ADD];
    default: // c ^ (b | ~d)
      return [...get(d), ...NOT, ...get(b), ...OR, ...get(c), ...XOR, ...ADD];
  }
}
