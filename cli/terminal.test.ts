import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { needs } from '../scenarios/testing/conditions.ts';

const TERMINAL = join(import.meta.dirname, 'terminal.ts');
const CLI = join(import.meta.dirname, 'cli.ts');

/** Runs a program that has all of `terminal.ts`, under a line of the shell in which "$@" starts it. */
function runIn(shell: string, program: string): { code: number | null; stdout: string; stderr: string } {
  const source = `import * as terminal from '${TERMINAL}';\n${program}`;
  const words = ['-c', shell, 'sh', process.execPath, '--input-type=module', '-e', source];
  const { status, stdout, stderr } = spawnSync('bash', words, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

const PRINT_AND_GO_ON = `
for (let index = 0; index < 3; index++) {
  terminal.print('a line');
  terminal.complain('a complaint');
  await new Promise((resolve) => setTimeout(resolve, 20));
}
process.exitCode = 7;`;

test.each([
  ['standard output', '"$@" | true; exit ${PIPESTATUS[0]}', 'feedbench: a complaint\n'.repeat(3)],
  ['both', '"$@" 2>&1 | true; exit ${PIPESTATUS[0]}', ''],
])('a reader of %s that goes changes nothing else', (_which, shell, stderr) => {
  expect(runIn(shell, PRINT_AND_GO_ON)).toEqual({ code: 7, stdout: '', stderr });
});

const hasFullDevice = existsSync('/dev/full');

test('a full device is told of once, and changes nothing else', needs(hasFullDevice, 'there is no /dev/full'), () => {
  const { code, stderr } = runIn('"$@" >/dev/full', PRINT_AND_GO_ON);
  expect(code).toBe(7);
  expect(stderr.split('\n').filter((line) => line.includes('ENOSPC'))).toHaveLength(1);
  expect(runIn('"$@" 2>/dev/full', PRINT_AND_GO_ON)).toEqual({ code: 7, stdout: 'a line\n'.repeat(3), stderr: '' });
});

test('lines come in the order in which they were printed, wherever they go', () => {
  const program = `
for (let index = 0; index < 500; index++) (index % 2 ? terminal.print : terminal.complain)(String(index));`;
  const lines = Array.from({ length: 500 }, (_, index) => `${index % 2 === 0 ? 'feedbench: ' : ''}${index}\n`);
  expect(runIn('exec "$@" 2>&1', program).stdout).toBe(lines.join(''));
});

test('a reader that does not read stops nothing', async () => {
  const program = `
import * as terminal from '${TERMINAL}';
terminal.print('x'.repeat(2 ** 20));
setTimeout(() => process.send('goes on'), 20);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error('no standard output');
  expect(await once(child, 'message')).toContain('goes on');
  child.disconnect();
  let length = 0;
  for await (const part of stdout) length += (part as Buffer).length;
  expect(length).toBe(2 ** 20 + 1);
});

test('a pipe that another program made one that does not wait is written whole', () => {
  const nonBlocking = `python3 -c 'import os, sys; os.set_blocking(1, False); os.execvp(sys.argv[1], sys.argv[1:])' "$@"`;
  const { stdout } = runIn(`${nonBlocking} | { sleep 0.2; wc -c; }`, `terminal.print('x'.repeat(2 ** 20));`);
  expect(stdout.trim()).toBe(String(2 ** 20 + 1));
});

test.each([['list'], ['--help'], ['--version'], ['run --help']])(
  '%s: a reader that goes is nothing, a full device is an exit code',
  (words) => {
    const gone = spawnSync('bash', ['-c', `"$0" "$1" ${words} | true; exit \${PIPESTATUS[0]}`, process.execPath, CLI]);
    expect({ code: gone.status, stderr: gone.stderr.toString() }).toEqual({ code: 0, stderr: '' });
    if (!hasFullDevice) return;
    const full = spawnSync('bash', ['-c', `"$0" "$1" ${words} >/dev/full`, process.execPath, CLI]);
    expect(full.status).toBe(3);
    expect(full.stderr.toString()).toMatch(/^feedbench: .*ENOSPC.*\n$/);
  },
);
