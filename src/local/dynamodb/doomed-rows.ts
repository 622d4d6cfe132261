import { keyspace } from './keyspace.ts';
import type { ServiceContext } from './service-context.ts';

/**
 * Removes what deleted tables and indexes left behind. The prefix is marked in the commit that makes its rows
 * unreachable and unmarked when they are gone, so that a crash in between only delays the removal.
 */
export async function removeDoomedRows({ store, commits }: ServiceContext): Promise<void> {
  for await (const [marker, prefix] of store.entries(keyspace.doomed)) {
    await store.clear(prefix);
    await commits.commit((commit) => commit.del(keyspace.doomed + marker));
  }
}
