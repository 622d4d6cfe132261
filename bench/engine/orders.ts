import { createHash } from 'node:crypto';
import type { BaseItem, Change } from '../../src/engine/index.ts';

/** Orders of one shop share its partition key, so they are neighbours in the table's files. */
const ORDERS_PER_SHOP = 200;
const DELETED_SHARE = 0.05;
const ITEMS_PER_BATCH = 500;

const CITIES = ['Kraków', 'Lisboa', 'Tromsø', 'Gdańsk', 'Bergamo', 'Utrecht', 'Coimbra', 'Łódź'];
const NAMES = ['Ada Nowak', 'Rui Costa', 'Ingrid Berg', 'Jan de Vries', 'Giulia Ferri', 'Piotr Zając', 'Sven Dahl'];
const STATUSES = ['PLACED', 'PAID', 'PACKED', 'SHIPPED', 'DELIVERED', 'RETURNED'];

export interface OrdersOptions {
  readonly count: number;
  /** Orders without customer and lines, about 100 bytes instead of 440, to reach more items. */
  readonly small: boolean;
}

/** A table of orders, the same in every run: each is made from its number alone, so that none has to be held. */
export class Orders {
  readonly count: number;
  readonly #small: boolean;

  constructor({ count, small }: OrdersOptions) {
    this.count = count;
    this.#small = small;
  }

  async *items(): AsyncGenerator<BaseItem[]> {
    for (let from = 0; from < this.count; from += ITEMS_PER_BATCH) {
      yield Array.from({ length: Math.min(ITEMS_PER_BATCH, this.count - from) }, (_, n) => {
        const order = from + n;
        return { partitionHash: hashOf(order), key: keyOf(order), image: this.#image(order, 0) };
      });
    }
  }

  /** The data of one page of a Scan, as the service would print it. */
  images(from: number, count: number): string[] {
    return Array.from({ length: count }, (_, n) => this.#image(from + n, 0));
  }

  /** A new version of the order; every twentieth order is deleted instead. */
  change(order: number, at: { readonly sequence: number; readonly timeMicros: number }): Change {
    const newImage = this.isDeletedBy(order) ? null : this.#image(order, 1);
    return { ...at, partitionHash: hashOf(order), key: keyOf(order), newImage };
  }

  isDeletedBy(order: number): boolean {
    return randomOf(order, 2)() < DELETED_SHARE;
  }

  /** All order numbers at random: its first n are n orders spread evenly over the table. */
  uniform(): Uint32Array {
    return shuffled(this.count);
  }

  /** All order numbers shop by shop, the shops at random: its first n are the orders of a few shops. */
  clustered(): Uint32Array {
    const orders = new Uint32Array(this.count);
    let at = 0;
    for (const shop of shuffled(Math.ceil(this.count / ORDERS_PER_SHOP))) {
      const first = shop * ORDERS_PER_SHOP;
      for (let order = first; order < Math.min(first + ORDERS_PER_SHOP, this.count); order++) orders[at++] = order;
    }
    return orders;
  }

  #image(order: number, version: number): string {
    const random = randomOf(order, version);
    const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] ?? '';
    const digits = (count: number) => String(Math.floor(random() * 10 ** count)).padStart(count, '0');
    // As DynamoDB prints numbers: without zeros at the end.
    const price = () => String((100 + Math.floor(random() * 20_000)) / 100);
    const placedAt = new Date(1_700_000_000_000 + Math.floor(random() * 63_072_000) * 1000).toISOString();
    const key = `"shop":{"S":"${shopOf(order)}"},"order":{"S":"${orderId(order)}"}`;
    const head = `{${key},"status":{"S":"${pick(STATUSES)}"},"total":{"N":"${price()}"}`;
    if (this.#small) return `${head}}`;
    const line = () =>
      `{"M":{"sku":{"S":"SKU-${digits(5)}"},"quantity":{"N":"${digits(1)}"},"price":{"N":"${price()}"}}}`;
    const token = Buffer.from(Uint8Array.from({ length: 10 }, () => Math.floor(random() * 256))).toString('base64');
    // Joined, as a string in one piece is what a service has: a sum of strings would be put together by who reads it first.
    return [
      `${head},"placedAt":{"S":"${placedAt}"},"customer":{"M":{"name":{"S":"${pick(NAMES)}"},`,
      `"city":{"S":"${pick(CITIES)}"},"zip":{"S":"${digits(2)}-${digits(3)}"}}},`,
      `"lines":{"L":[${line()},${line()}]},"token":{"B":"${token}"}}`,
    ].join('');
  }
}

const shopOf = (order: number) => `shop-${Math.floor(order / ORDERS_PER_SHOP)}`;
const orderId = (order: number) => String(order).padStart(9, '0');
const keyOf = (order: number) => `${shopOf(order)}/${orderId(order)}`;

let lastHash = { shop: '', hash: '' };

/** Orders are mostly asked for shop by shop: the hash of one shop is made once. */
function hashOf(order: number): string {
  const shop = shopOf(order);
  if (lastHash.shop !== shop) {
    lastHash = { shop, hash: createHash('md5').update(shop).digest('hex').slice(0, 16) };
  }
  return lastHash.hash;
}

/** Mulberry32: numbers from 0 up to 1, the same for the same order and stream. */
function randomOf(order: number, stream: number): () => number {
  let state = Math.imul(order + 1, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled(count: number): Uint32Array {
  const numbers = Uint32Array.from({ length: count }, (_, n) => n);
  const random = randomOf(count, 3);
  for (let n = count - 1; n > 0; n--) {
    const other = Math.floor(random() * (n + 1));
    [numbers[n], numbers[other]] = [numbers[other] ?? 0, numbers[n] ?? 0];
  }
  return numbers;
}
