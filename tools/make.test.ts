import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram } from '../load/machine/programs.ts';

const ROOT = dirname(import.meta.dirname);

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As a user calls it, but with packages as they are: these tests are not to install any. */
function make(words: readonly string[], env: Readonly<Record<string, string>> = {}): Said {
  // Under `make test` the environment tells of the make around it.
  const { MAKELEVEL: _level, MFLAGS: _flags, ...ours } = process.env;
  const given = { ...ours, MAKEFLAGS: '', MAKEOVERRIDES: '', REDIS_URL: '', ...env };
  const parameters = ['-o', 'node_modules/.feedbench-stamp', ...words];
  const { status, stdout, stderr } = spawnSync('make', parameters, { cwd: ROOT, env: given, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

test('what is exported by chance is not passed on', () => {
  const env = { HOST: '0.0.0.0', PORT: '8080', OUT: '/elsewhere', NODES: '7', SCENARIO: 'none', CLIENTS: '1' };
  for (const target of ['serve', 'bench', 'ceiling']) {
    const { code, stdout } = make(['-n', target], env);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)?.trim()).toBe(`./feedbench make ${target}`);
  }
});

test('what stands on the command line is, each a word of the shell as it was typed', () => {
  const { stdout } = make(['-n', 'bench', 'OUT=it\'s $HOME, "quoted"', 'SCENARIO=ticker,mine.json', 'CLIENTS=5']);
  expect(stdout).toContain(
    String.raw`./feedbench make bench 'CLIENTS=5' 'OUT=it'\''s $HOME, "quoted"' 'SCENARIO=ticker,mine.json'`,
  );
});

test('an address with a password stays in the environment', () => {
  expect(make(['-n', 'bench', 'REDIS_URL=redis://:secret@127.0.0.1:1', 'CLIENTS=5']).stdout).not.toContain('secret');
});

test.each([
  [['bench', 'SCENARIOS=ticker'], /not SCENARIOS\. Did you mean SCENARIO\?/],
  [['bench', 'scenario=ticker'], /not scenario\. Did you mean SCENARIO\?/],
  [['bench', 'CLIENT=5'], /Did you mean CLIENTS\?/],
  [['ceiling', 'CLIENTS=5'], /make ceiling takes GENERATOR, .* not CLIENTS/],
  [['serve', 'HOSTS=x'], /Did you mean HOST\?/],
  [['bench-full', 'CLIENT=5'], /make bench-full takes .* Did you mean CLIENTS\?/],
  [['plan', 'RESUME=latest'], /make plan takes .* not RESUME/],
  [['bench', 'CLIENTS=many'], /--clients.*whole number/],
  [['bench', 'SCENARIO=typo', 'GENERATOR=k6'], /no scenario is called "typo"/],
  [['list', 'SCENARIO=ticker'], /make list takes no variables, not SCENARIO/],
  [['fuzz', 'SEEDS=7'], /make fuzz takes STREAMS, ATTACKS, TOKENS and SEED, not SEEDS/],
  [['lint', 'FIX=1'], /no variable is known to make lint, so what is FIX\?/],
])('%s is refused before anything is installed', (words, says) => {
  const { code, stdout, stderr } = make(words);
  expect(stderr).toMatch(says);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('the help knows the variables of each target', () => {
  const { code, stdout } = make(['help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/make bench takes SCENARIO .*CLIENTS.*TRIALS BUDGET TARGET .*WARM_UP.*RESUME/);
  expect(stdout).toMatch(/make serve takes .*PORT/);
});

test('without a way to install it, what is missing is told in a line each, and is no failure', () => {
  const folder = mkdtempSync(join(tmpdir(), 'feedbench-setup-'));
  try {
    for (const name of ['id', 'dirname', 'mktemp', 'sed', 'grep', 'tail']) {
      symlinkSync(findProgram(name) ?? '', join(folder, name));
    }
    const sh = findProgram('sh') ?? 'sh';
    const { status, stdout, stderr } = spawnSync(sh, [join(ROOT, 'tools/setup.sh'), 'redis', 'nginx', 'chromium'], {
      env: { PATH: folder },
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    // It lies beside what only root calls, and is found there.
    const hasNginx = ['/usr/sbin', '/sbin'].some((sbin) => existsSync(join(sbin, 'nginx')));
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(hasNginx ? 2 : 3);
    for (const line of lines) expect(line).toMatch(/^no .*: there is no apt-get here\. .* To get it: /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
