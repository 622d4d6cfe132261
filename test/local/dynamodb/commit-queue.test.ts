import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Commit, CommitQueue } from '../../../src/local/dynamodb/commit-queue.ts';
import { Store } from '../../../src/local/dynamodb/store.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const folder = temporaryDirectory();

let nowMs: number;
let database: ClassicLevel<string, string>;
let store: Store;
let commits: CommitQueue;
let stores = 0;

beforeEach(async () => {
  nowMs = 1_700_000_000_000;
  database = new ClassicLevel(`${folder.path}/${++stores}`);
  await database.open();
  store = await Store.open(database);
  commits = CommitQueue.open(store, () => nowMs);
});

afterEach(() => database.close());

it('gives commits ever later times and higher sequences, also when the clock is set back before a restart', async () => {
  const stamp = (commit: Commit) => ({ timeMicros: commit.timeMicros, sequence: commit.nextSequence() });
  const first = await Promise.all([commits.commit(stamp), commits.commit(stamp), commits.commit(stamp)]);
  expect(first.map(({ timeMicros }) => timeMicros)).toEqual([0, 1, 2].map((n) => nowMs * 1000 + n));
  expect(first.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  nowMs -= 3_600_000;
  const reopened = CommitQueue.open(store, () => nowMs);
  const next = await reopened.commit(stamp);
  expect(next.timeMicros).toBeGreaterThan(first[2]?.timeMicros ?? 0);
  expect(next.sequence).toBe(4);
  expect(reopened.nowMs()).toBe(1_700_000_000_000);
});

it('refuses one commit without its rows and without harm to those beside it', async () => {
  const outcomes = await Promise.allSettled([
    commits.commit((commit) => commit.put('a', '1')),
    commits.commit((commit) => {
      commit.put('b', '1');
      throw new Error('refused');
    }),
    commits.commit((commit) => commit.put('c', '1')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(['a', 'b', 'c'].map((key) => store.get(key))).toEqual(['1', undefined, '1']);
});

it('shows at the boundary of a lone commit exactly what came before it', async () => {
  const before = commits.commit((commit) => commit.put('before', '1'));
  const snapshot = commits.commitAlone(
    (commit) => commit.put('own', '1'),
    () => store.snapshot(),
  );
  const after = commits.commit((commit) => commit.put('after', '1'));
  const view = await snapshot;
  await Promise.all([before, after]);
  expect(['before', 'own', 'after'].map((key) => store.get(key, view))).toEqual(['1', '1', undefined]);
  await view.close();
});

it('puts totals once for all commits of a write', async () => {
  let total = 0;
  let asked = 0;
  await Promise.all(
    Array.from({ length: 5 }, () =>
      commits.commit((commit) => {
        total += 1;
        commit.atGroupEnd('total', () => {
          asked += 1;
          return String(total);
        });
      }),
    ),
  );
  expect({ stored: store.get('total'), asked }).toEqual({ stored: '5', asked: 1 });
});

it('gives no commit a time that was closed', async () => {
  commits.closeThrough(nowMs * 1000 + 999);
  const timeMicros = await commits.commit((commit) => commit.timeMicros);
  expect(timeMicros).toBe(nowMs * 1000 + 1000);
});

it('takes nothing more after a write failed', async () => {
  await database.close();
  await expect(commits.commit((commit) => commit.put('a', '1'))).rejects.toThrow('could not be written');
  await expect(commits.commit((commit) => commit.put('b', '1'))).rejects.toThrow('could not be written');
});

it('settles what came before while more and more commits arrive', async () => {
  let isSettled = false;
  const endless = async () => {
    while (!isSettled) await commits.commit((commit) => commit.put('busy', '1'));
  };
  const writers = [endless(), endless(), endless()];
  const before = commits.commit((commit) => commit.put('before', '1'));
  await commits.settled();
  isSettled = true;
  expect(store.get('before')).toBe('1');
  await Promise.all([...writers, before]);
});
