const DAY_MS = 86_400_000;

/** Processes that are started next live so many days ago: all that they know of time is `Date`. */
export function liveDaysAgo(days: number): void {
  const shifted = `
    const RealDate = Date;
    globalThis.Date = class Date extends RealDate {
      constructor(...given) {
        super(...(given.length === 0 ? [Date.now()] : given));
      }
      static now() {
        return RealDate.now() - ${days * DAY_MS};
      }
    };`;
  // Forked processes and their threads inherit it.
  process.execArgv = days === 0 ? [] : ['--import', `data:text/javascript,${encodeURIComponent(shifted)}`];
}
