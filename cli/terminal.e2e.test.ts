import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { needs } from '../scenarios/testing/conditions.ts';
import { readLatest } from './testing/feedbench-process.ts';

const CLI = join(import.meta.dirname, 'cli.ts');
const hasPython = spawnSync('python3', ['--version']).status === 0;

let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'feedbench-terminal-'));
});

afterEach(async () => {
  await rm(out, { recursive: true, force: true });
});

function quickRun(): string[] {
  const words = ['run', 'ticker', '--clients', '4', '--transport', 'ws,polling', '--backplane', 'memory'];
  const times = ['--poll', '500ms', '--warm-up', '100ms', '--duration', '1s', '--trials', '1'];
  return [process.execPath, CLI, ...words, ...times, '--out', out];
}

async function expectAllMeasured(): Promise<void> {
  const { partial, trials } = await readLatest(out);
  expect(partial).toBe(false);
  expect(trials.map(({ state }) => state)).toEqual(['measured', 'measured']);
}

test.each([
  ['stops reading', '"$@" 2>&1 | head -n 2 >/dev/null; exit ${PIPESTATUS[0]}'],
  ['is a full device', '"$@" >/dev/full 2>&1'],
])(
  'a run whose output %s is measured to its end',
  async (_what, shell) => {
    const { status } = spawnSync('bash', ['-c', shell, 'sh', ...quickRun()]);
    expect(status).toBe(0);
    await expectAllMeasured();
  },
  60_000,
);

/** A terminal of 80 columns. The last line of what it prints is the exit code; `then` sees all that was shown so far. */
function inTerminal(then: string, words = quickRun()): { code: string; shown: string } {
  const program = `
import fcntl, os, pty, struct, sys, termios, time
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
shown = b''
def read():
    global shown
    try: part = os.read(terminal, 65536)
    except OSError: part = b''
    shown += part
    return part
${then}
sys.stdout.buffer.write(shown)
print('\\n' + str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))`;
  const env = { ...process.env, TERM: 'xterm' };
  const { stdout, stderr } = spawnSync('python3', ['-c', program, ...words], { encoding: 'utf8', env });
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  return { code: lines.at(-1) ?? '', shown: lines.slice(0, -1).join('\n') };
}

test('a run whose terminal is closed is measured to its end', {
  ...needs(hasPython, 'python3 is not installed'),
  timeout: 60_000,
}, async () => {
  const { code, shown } = inTerminal(`
while b'measuring' not in shown and read(): pass
os.close(terminal)`);
  expect(shown).toContain('measuring');
  expect(code).toBe('0');
  await expectAllMeasured();
});

test('a run whose terminal is stopped by Ctrl-S goes on, and says the rest afterwards', {
  ...needs(hasPython, 'python3 is not installed'),
  timeout: 60_000,
}, async () => {
  const { code, shown } = inTerminal(`
while b'measuring' not in shown and read(): pass
os.write(terminal, b'\\x13')
until = time.time() + 30
while not any(name.endswith('-ticker') and os.path.exists(os.path.join(sys.argv[-1], name, 'index.html'))
              for name in os.listdir(sys.argv[-1])) and time.time() < until: time.sleep(0.1)
shown += b'(resumed)'
os.write(terminal, b'\\x11')
while read(): pass`);
  expect(shown).toMatch(/1\/2[^]*\(resumed\)[^]*Report: /);
  expect(code).toBe('0');
  await expectAllMeasured();
});

test('every phase is seen at 80 columns, and no bar is longer', {
  ...needs(hasPython, 'python3 is not installed'),
  timeout: 60_000,
}, () => {
  const { shown } = inTerminal('while read(): pass');
  for (const phase of ['starting processes', 'connecting clients', 'measuring']) expect(shown).toContain(phase);
  const bars = shown.split('\u001B[?7l').slice(1);
  expect(bars.length).toBeGreaterThan(10);
  for (const bar of bars) expect((bar.split('\u001B')[0] ?? '').length).toBeLessThan(80);
});

test('serve ends with its terminal', needs(hasPython, 'python3 is not installed'), () => {
  const words = [process.execPath, CLI, 'serve', '--transport', 'polling', '--port', '0'];
  const { code, shown } = inTerminal(
    `
while b'Ctrl-C ends it' not in shown and read(): pass
os.close(terminal)`,
    words,
  );
  expect(shown).toMatch(/HTTP polling +curl/);
  expect(code).toBe('0');
});
