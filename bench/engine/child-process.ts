import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of the benchmark's own that answers one message at a time. */
export interface Child<Message extends object, Answer> {
  ask(message: Message): Promise<Answer>;
  /** Resolves when the process is gone. */
  close(): Promise<void>;
}

/** Starts a bundle of the benchmark, by its file name. */
export function startChild<Message extends object, Answer>(
  bundle: string,
  args: readonly string[] = [],
): Child<Message, Answer> {
  const child = fork(new URL(bundle, import.meta.url), args);
  return {
    ask: (message) => ask<Answer>(child, bundle, message),
    async close() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

async function ask<Answer>(child: ChildProcess, bundle: string, message: object): Promise<Answer> {
  const answered = new AbortController();
  const { signal } = answered;
  const answer = once(child, 'message', { signal });
  const end = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${bundle} ended with exit code ${code} before it answered`);
  });
  child.send(message);
  try {
    const [value]: Answer[] = await Promise.race([answer, end]);
    if (value === undefined) throw new Error(`${bundle} answered nothing`);
    return value;
  } finally {
    answered.abort();
  }
}
