import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const ROOT = dirname(dirname(import.meta.dirname));
const PATIENCE_MS = 120_000;

let top: string;
/** Of a user, with a name that shells would split. */
let folder: string;
let packed: readonly string[];

/** As npm installs it; the packages that it names are the checkout's, and no others can be found. */
function install(modules: string): string {
  mkdirSync(modules, { recursive: true });
  const target = join(modules, 'feedbench');
  execFileSync('tar', ['-xzf', join(top, `feedbench-${manifest.version}.tgz`), '-C', modules]);
  execFileSync('mv', [join(modules, 'package'), target]);
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  mkdirSync(join(modules, '.bin'));
  symlinkSync('../feedbench/feedbench', join(modules, '.bin', 'feedbench'));
  return target;
}

interface Exit {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function environment(): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: _, ...rest } = process.env;
  const own = {
    XDG_CACHE_HOME: join(top, 'cache'),
    XDG_STATE_HOME: join(top, 'state'),
    GITHUB_STEP_SUMMARY: '',
    TF_BUILD: '',
    REDIS_URL: '',
  };
  return { ...rest, ...own };
}

function call(...words: string[]): Exit {
  return spawnSync('node_modules/.bin/feedbench', words, { cwd: folder, env: environment(), encoding: 'utf8' });
}

beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'feedbench-package-'));
  folder = join(top, 'an empty folder');
  const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', top], { cwd: ROOT, encoding: 'utf8' });
  packed = [...printed.matchAll(/"path": "(.+)"/g)].map(([, path = '']) => path);
  install(join(folder, 'node_modules'));
}, PATIENCE_MS);

afterAll(() => {
  rmSync(top, { recursive: true });
});

test('the package holds the program, what is to be read, and nothing for tests', () => {
  expect(packed).toEqual(
    expect.arrayContaining(['LICENSE', 'README.md', 'METHODOLOGY.md', 'feedbench', 'dist/cli/cli.mjs']),
  );
  expect(packed.filter((path) => /\.test\.|testing|fixtures|golden|sample|^tools|^dist.*\.ts$/.test(path))).toEqual([]);
  expect(existsSync(join(ROOT, 'dist'))).toBe(false);
});

test('all verbs are there, by the name that the user calls', () => {
  expect(call('--version')).toMatchObject({
    status: 0,
    stdout: `feedbench ${manifest.version} (Node ${process.version})\n`,
    stderr: '',
  });
  expect(call('run', '--help').stdout).toContain('  npx feedbench run ticker');
  expect(call('list').stdout).toContain('ticker ');
});

test('a run in an empty folder leaves its report there, and nothing in the package', { timeout: PATIENCE_MS }, () => {
  const before = execFileSync('find', ['-L', 'node_modules/feedbench', '-newer', 'node_modules/.bin/feedbench'], {
    cwd: folder,
  }).toString();
  const run = call(
    'run',
    'ticker',
    '--transport',
    'ws',
    '--generator',
    'library',
    '--clients',
    '5',
    '--duration',
    '1s',
    '--trials',
    '1',
    '--backplane',
    'memory',
  );
  expect(run.stderr).not.toContain('feedbench:');
  expect(run.status).toBe(0);
  const page = join(folder, 'feedbench-reports', 'latest', 'index.html');
  expect(readFileSync(page, 'utf8')).toContain('npx feedbench run ticker');
  const { environment: told } = JSON.parse(readFileSync(join(dirname(page), 'result.json'), 'utf8')) as {
    environment: unknown;
  };
  expect(told).toMatchObject({ feedbench: `${manifest.version}, package`, commit: null });
  rmSync(page);
  expect(call('report', 'feedbench-reports/latest/result.json').status).toBe(0);
  expect(existsSync(page)).toBe(true);
  expect(
    execFileSync('find', ['-L', 'node_modules/feedbench', '-newer', 'node_modules/.bin/feedbench'], {
      cwd: folder,
    }).toString(),
  ).toBe(before);
});

test('what init writes can be planned, and is of the types that the package has', () => {
  expect(call('init', 'mine').status).toBe(0);
  expect(call('plan', 'mine/workload.json').stdout).toContain('WebSocket, memory, native');
  const checked = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--module', 'nodenext', 'mine/adapter.ts'],
    { cwd: folder, encoding: 'utf8' },
  );
  expect(checked).toMatchObject({ status: 0, stdout: '' });
});

test('it serves its pages', async () => {
  const serve = spawn('node_modules/.bin/feedbench', ['serve', '--port', '0'], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  serve.stdout.on('data', (part: Buffer) => void (printed += part.toString()));
  await expect.poll(() => printed).toMatch(/http:\/\/127\.0\.0\.1:\d+\//);
  const [address = ''] = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed) ?? [];
  expect(await (await fetch(address)).text()).toContain('followers["websocket"]');
  serve.kill('SIGTERM');
  await once(serve, 'exit');
});

/** A Node of that version as far as anybody asks. */
function nodeThatSays(version: string): string {
  const bin = join(top, `node ${version}`);
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'node'),
    `#!/bin/sh\nif [ "$1" = -p ]; then echo ${version}; else exec '${process.execPath}' "$@"; fi\n`,
  );
  chmodSync(join(bin, 'node'), 0o755);
  return bin;
}

test('where npm ran no scripts, a Node on PATH will do if it is new enough', () => {
  const modules = join(top, 'global', 'node_modules');
  install(modules);
  rmSync(join(modules, 'node'));
  const start = (path: string): Exit =>
    spawnSync(join(modules, '.bin', 'feedbench'), ['--version'], {
      cwd: top,
      env: { ...environment(), PATH: path },
      encoding: 'utf8',
    });
  const why = 'feedbench: the Node that comes with it is not there (npm was told to run no install scripts?), and';
  const remedy = 'install again with scripts allowed, or put Node 24 or newer on PATH\n';
  expect(start(`${nodeThatSays('18.20.8')}:/usr/bin:/bin`)).toMatchObject({
    status: 3,
    stdout: '',
    stderr: `${why} Node 18.20.8 on PATH is too old: ${remedy}`,
  });
  expect(start(`${nodeThatSays('24.1.0')}:/usr/bin:/bin`)).toMatchObject({ status: 0, stderr: '' });
});
