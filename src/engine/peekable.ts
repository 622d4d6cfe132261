/** An iterator whose next value can be looked at before it is taken. */
export class Peekable<T> {
  readonly #iterator: Iterator<T>;
  #next: IteratorResult<T>;

  constructor(values: Iterable<T>) {
    this.#iterator = values[Symbol.iterator]();
    this.#next = this.#iterator.next();
  }

  peek(): T | undefined {
    return this.#next.done ? undefined : this.#next.value;
  }

  take(): T | undefined {
    const value = this.peek();
    this.#next = this.#iterator.next();
    return value;
  }
}
