import { BlockList, isIP } from 'node:net';

/** What is known of a request, by lower-case condition key; a key without a value is absent. */
export type ConditionContext = Readonly<Record<string, string | undefined>>;

/** A `Condition` block: operator → key → values. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The keys that a policy may test. Others would be absent here and present in AWS: such a policy is refused. */
export const CONDITION_KEYS: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principaltype',
  'aws:resourceaccount',
  'aws:securetransport',
  'aws:sourceidentity',
  'aws:sourceip',
  'aws:useragent',
  'aws:userid',
  'aws:username',
  's3:delimiter',
  's3:max-keys',
  's3:prefix',
  's3:resourceaccount',
  's3:x-amz-acl',
  's3:x-amz-content-sha256',
  's3:x-amz-copy-source',
  's3:x-amz-metadata-directive',
  's3:x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:x-amz-storage-class',
]);

type Match = (actual: string, expected: string) => boolean;

const equals: Match = (actual, expected) => actual === expected;
const equalsIgnoringCase: Match = (actual, expected) => actual.toLowerCase() === expected.toLowerCase();

const MATCHES: Readonly<Record<string, Match>> = {
  StringEquals: equals,
  StringEqualsIgnoreCase: equalsIgnoringCase,
  StringLike: (actual, expected) => matchesWildcards(actual, expected),
  ArnEquals: (actual, expected) => matchesArn(actual, expected),
  ArnLike: (actual, expected) => matchesArn(actual, expected),
  Bool: equalsIgnoringCase,
  IpAddress: isWithin,
};

const NEGATIONS: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NotIpAddress: 'IpAddress',
};

/** Whether an operator can be evaluated here: strings, ARNs, booleans, IP addresses and `Null`, and their `…IfExists`. */
export function isKnownOperator(operator: string): boolean {
  const name = operator.replace(/IfExists$/, '');
  return operator === 'Null' || Object.hasOwn(MATCHES, name) || Object.hasOwn(NEGATIONS, name);
}

/** Whether all conditions hold. Only called with operators that `isKnownOperator`. */
export const conditionsHold = (conditions: Conditions, context: ConditionContext): boolean =>
  Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => holds(operator, context[key.toLowerCase()], values)),
  );

function holds(operator: string, actual: string | undefined, expected: readonly string[]): boolean {
  if (operator === 'Null') return expected.some((value) => (value.toLowerCase() === 'true') === (actual === undefined));
  const name = operator.replace(/IfExists$/, '');
  const negated = NEGATIONS[name];
  // As IAM has it: an absent key fails every test but the negated ones and those that say IfExists.
  if (actual === undefined) return negated !== undefined || name !== operator;
  const match = MATCHES[negated ?? name];
  if (!match) return false;
  return expected.some((value) => match(actual, value)) === (negated === undefined);
}

/**
 * `*` stands for any characters, `?` for one, and `${*}`, `${?}`, `${$}` for the characters themselves. Not a regular
 * expression: with many stars that takes as good as for ever, while going back to the latest star only is enough.
 */
export function matchesWildcards(text: string, pattern: string): boolean {
  const symbols = symbolsOf(pattern);
  let star = -1;
  let starText = 0;
  let t = 0;
  let p = 0;
  while (t < text.length) {
    if (symbols[p] === ANY) {
      star = p++;
      starText = t;
    } else if (symbols[p] === ONE || symbols[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++starText;
    } else {
      return false;
    }
  }
  while (symbols[p] === ANY) p++;
  return p === symbols.length;
}

const ANY = Symbol('*');
const ONE = Symbol('?');

/** The pattern's characters and wildcards one by one. */
const symbolsOf = (pattern: string): Array<string | symbol> =>
  Array.from(pattern.matchAll(/\$\{([*?$])\}|[\s\S]/g), ([character, literal]) => {
    if (literal !== undefined) return literal;
    return character === '*' ? ANY : character === '?' ? ONE : character;
  });

/** The six parts of an ARN are matched one by one, so that a wildcard does not reach across a colon. */
function matchesArn(arn: string, pattern: string): boolean {
  const parts = splitArn(arn);
  const patterns = splitArn(pattern);
  return parts.length === patterns.length && parts.every((part, i) => matchesWildcards(part, patterns[i] ?? ''));
}

function splitArn(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function isWithin(address: string, range: string): boolean {
  const [network = '', prefix] = range.split('/');
  const family = isIP(network);
  const plainAddress = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (family === 0 || isIP(plainAddress) !== family) return false;
  const bitsMax = family === 4 ? 32 : 128;
  const bits = Number(prefix ?? bitsMax);
  if (!Number.isInteger(bits) || bits < 0 || bits > bitsMax) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, bits, type);
  return list.check(plainAddress, type);
}
