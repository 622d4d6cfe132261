import { execFileSync } from 'node:child_process';

/**
 * Tests start workers, functions and commands from `build/`, so every run begins by building what it will test.
 * `SKIP_BUILD=1` leaves `build/` as it is, for tests that need none of it.
 */
export default function buildOnce(): void {
  if (process.env.SKIP_BUILD) return;
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
