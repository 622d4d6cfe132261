import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { createOrders, LAKE } from '../support/orders.ts';
import { type OutportProcess, startOutport } from '../support/outport.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { COMMAND, type Command, commandWith } from './support/command.ts';

const folder = temporaryDirectory();
const hasScript = spawnSync('script', ['--version']).status === 0;
let outport: OutportProcess;
let command: Command;
let tableArn: string;

beforeAll(async () => {
  outport = await startOutport();
  command = commandWith(folder.path, { OUTPORT_URL: outport.graphqlUrl, OUTPORT_TOKEN: outport.token });
  ({ tableArn } = await createOrders(outport));
});
afterAll(() => outport.stop());

/** What somebody sees on a terminal, and what the command ends with: `script` gives it one. */
async function onTerminal(args: readonly string[], variables: NodeJS.ProcessEnv = {}, columns = 120) {
  const words = ['node', COMMAND, ...args].map((word) => `'${word}'`).join(' ');
  const line = `stty columns ${columns}; ${words}`;
  const env = { ...command.env, TERM: 'xterm-256color', ...variables };
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], { env });
  child.stdin.end();
  const [seen, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code, seen };
}

describe.skipIf(!hasScript)('on a terminal', () => {
  test('a bar shows how far an export is, and leaves nothing behind', async () => {
    const { code, seen } = await onTerminal(['exports', 'start', tableArn, '--bucket', LAKE, '--wait']);

    expect(code).toBe(0);
    expect(seen).toMatch(/\r {2}exp_\w+ [█░]{32} /);
    expect(stripVTControlCharacters(seen.slice(seen.lastIndexOf('\r  exp_')))).toMatch(/Status +COMPLETED/);
  });

  test('a bar stays on its line, however narrow the terminal is', async () => {
    const { seen } = await onTerminal(['exports', 'start', tableArn, '--bucket', LAKE, '--wait'], {}, 60);

    const bars = stripVTControlCharacters(seen).match(/(?<=\r) {2}exp_\w+ [█░][^\r\n]*/g) ?? [];
    expect(bars).not.toEqual([]);
    expect(bars.filter((bar) => bar.length >= 60)).toEqual([]);
    expect(bars.join('')).toMatch(/exp_\w+ [█░]{8} /);
  });

  test('what was found is told in lines that fit', async () => {
    const { seen } = await onTerminal(['exports', 'start', tableArn, '--bucket', LAKE, '--check'], {}, 80);

    const lines = stripVTControlCharacters(seen).split(/\r?\n/);
    const checks = lines.slice(0, lines.indexOf(''));
    expect(checks.length).toBeGreaterThan(12);
    // An ARN is not broken.
    expect(checks.filter((line) => line.length > 80 && / \S+ /.test(line.trim()))).toEqual([]);
    expect(checks).toContainEqual(expect.stringMatching(/^ {32}\S/));
  });

  test('titles are bold, unless NO_COLOR asks otherwise', async () => {
    expect((await onTerminal(['exports', 'list'])).seen).toContain('\x1b[1mID');
    expect((await onTerminal(['exports', 'list'], { NO_COLOR: '1' })).seen).not.toContain('\x1b[1m');
  });
});

describe('in a pipe', () => {
  test('there is neither a bar nor colour', async () => {
    const { stdout, stderr } = await command.run('exports', 'start', tableArn, '--bucket', LAKE, '--wait');
    const { stdout: list } = await command.run('exports', 'list');

    expect(stderr).toBe('');
    expect(stdout + list).toBe(stripVTControlCharacters(stdout + list));
    expect(stdout).not.toContain('\r');
  });

  test('who reads no further ends the command quietly', async () => {
    const line = `'${process.execPath}' '${COMMAND}' audit list --output json | head -c 1; exit \${PIPESTATUS[0]}`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { env: command.env, encoding: 'utf8' });

    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '[', stderr: '' });
  });
});

describe('help', () => {
  const leaves = (command: ReturnType<typeof createProgram>['commands'][number]): Array<typeof command> =>
    command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

  test('every command explains itself, and every one that takes something shows examples', () => {
    const told: string[] = [];
    const program = createProgram();
    for (const each of leaves(program)) {
      if (each.name() === 'complete' || each.name() === 'logout') continue;
      each.configureOutput({ writeOut: (line) => told.push(line) });
      told.length = 0;
      each.outputHelp();
      expect(told.join(''), each.name()).toMatch(/Examples:\n {2}\$ outport /);
      expect(each.description(), each.name()).toMatch(/\.$/);
    }
  });
});

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('there is a script for %s', async (shell) => {
    const { code, stdout } = await command.run('complete', shell);

    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('outport') });
  });

  test.each([
    [['exports', ''], 'start'],
    [['exports', 'start', '--'], '--bucket'],
    [['exports', 'list', '--status', ''], 'COMPLETED'],
    [['au'], 'audit'],
  ])('of %j offers %s', async (words, offered) => {
    const { code, stdout } = await command.run('complete', '--', ...words);

    expect(code).toBe(0);
    expect(stdout).toContain(offered);
  });

  test('works in bash', () => {
    // What the package bash-completion has, where it is not installed.
    const line = `
      _get_comp_words_by_ref() { cur=\${COMP_WORDS[COMP_CWORD]}; words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
      outport() { '${process.execPath}' '${COMMAND}' "$@"; }
      source <(outport complete bash)
      COMP_WORDS=(outport exports wa) COMP_CWORD=2 COMP_LINE='outport exports wa' COMP_POINT=18
      "$(complete -p outport | sed -E 's/.*-F ([^ ]+).*/\\1/')"
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['-c', line], { env: command.env, encoding: 'utf8' });

    expect(stdout).toContain('watch');
  });
});
