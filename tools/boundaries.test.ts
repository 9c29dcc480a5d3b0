import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const root = dirname(import.meta.dirname);
const rule = 'eslint(no-restricted-imports)';

/** Importing file, and what it imports. */
type Edge = readonly [from: string, to: string];

const forbidden: readonly Edge[] = [
  ['scenarios/units', '../servers/feed/log.ts'],
  ['scenarios/units', '../load/recorder.ts'],
  ['scenarios/units', '../reports/statistics.ts'],
  ['scenarios/units', '../tools/perf/perf.ts'],
  ['scenarios/units', '../cli/cli.ts'],
  ['scenarios/workloads/ticker', '../../servers/feed/log.ts'],
  ['scenarios/units', 'node:net'],
  ['scenarios/units', 'node:http'],
  ['scenarios/units', 'node:child_process'],
  ['scenarios/units', 'http'],
  ['scenarios/units', 'ws'],
  ['scenarios/units', 'fastify'],
  ['scenarios/units', 'ioredis'],
  ['servers/feed/log', '../../load/recorder.ts'],
  ['servers/feed/log', '../../reports/statistics.ts'],
  ['servers/feed/log', '../../tools/perf/perf.ts'],
  ['servers/feed/log', '../../cli/cli.ts'],
  ['servers/polling/server', '../../load/recorder.ts'],
  ['servers/polling/server', '../../load/native/worker.ts'],
  ['servers/polling/server', '../../reports/statistics.ts'],
  ['servers/polling/server', '../../cli/cli.ts'],
  ['servers/polling/server', '../long-polling/server.ts'],
  ['servers/long-polling/server', '../polling/server.ts'],
  ['servers/websocket/client', '../polling/client.ts'],
  ['servers/websocket/client', '../../servers/polling/client.ts'],
  ['servers/websocket/frames/text', '../../polling/client.ts'],
  ['servers/not-yet-thought-of/server', '../websocket/server.ts'],
  ['servers/websocket/server', '../not-yet-thought-of/server.ts'],
  ['load/recorder', '../servers/feed/log.ts'],
  ['load/recorder', '../servers/ingest/server.ts'],
  ['load/recorder', '../servers/websocket/client.ts'],
  ['load/native/worker', '../../servers/websocket/client.ts'],
  ['load/native/worker', '../../servers/backplane/redis.ts'],
  ['load/recorder', '../reports/statistics.ts'],
  ['load/recorder', '../tools/perf/perf.ts'],
  ['load/native/worker', '../../cli/cli.ts'],
  ['reports/html', '../servers/registry.ts'],
  ['reports/html', '../servers/ingest/client.ts'],
  ['reports/html', '../load/recorder.ts'],
  ['reports/html', '../tools/perf/perf.ts'],
  ['reports/html', '../cli/cli.ts'],
  ['reports/charts/latency', '../../load/recorder.ts'],
  ['cli/verbs/run', './serve.ts'],
  ['cli/commands/run', './serve.ts'],
  ['cli/verbs/run', '../cli.ts'],
  ['cli/progress', './verbs/run.ts'],
];

const allowed: readonly Edge[] = [
  ['scenarios/units', './clock.ts'],
  ['scenarios/workloads/ticker', '../units.ts'],
  ['scenarios/units', 'zod'],
  ['servers/registry', './websocket/server.ts'],
  ['servers/feed/log', '../../scenarios/units.ts'],
  ['servers/websocket/server', './client.ts'],
  ['servers/websocket/server', '../feed/log.ts'],
  ['servers/websocket/server', '../backplane/redis.ts'],
  ['servers/websocket/server', '../../scenarios/units.ts'],
  ['servers/websocket/server', 'ws'],
  ['load/recorder', '../scenarios/units.ts'],
  ['load/recorder', '../servers/registry.ts'],
  ['load/native/worker', '../../servers/transport.ts'],
  ['load/native/worker', '../../servers/ingest/client.ts'],
  ['load/native/worker', '../recorder.ts'],
  ['reports/html', '../scenarios/units.ts'],
  ['reports/charts/latency', '../statistics.ts'],
  ['tools/perf/perf', '../../load/recorder.ts'],
  ['tools/perf/perf', '../../servers/websocket/server.ts'],
  ['tools/perf/perf', '../../cli/cli.ts'],
  ['cli/cli', './commands/run.ts'],
  ['cli/commands/run', '../verbs/run.ts'],
  ['cli/verbs/run', '../terminal.ts'],
  ['cli/cli', '../servers/registry.ts'],
  ['cli/cli', '../load/recorder.ts'],
  ['cli/cli', '../reports/html.ts'],
];

/** Every way to name a module: it takes only one that the linter does not see to get around it. */
const spellings = [
  { way: 'imports', suffix: '.ts', source: (to: string) => `import { probe } from '${to}';\nprobe();\n` },
  { way: 'imports a type of', suffix: '.type.ts', source: (to: string) => `import type { Probe } from '${to}';\n` },
  { way: 'exports from', suffix: '.export.ts', source: (to: string) => `export { probe } from '${to}';\n` },
  {
    way: 'imports lazily',
    suffix: '.lazy.ts',
    source: (to: string) => `export const probe = () => import('${to}');\n`,
  },
  {
    way: 'imports in a test',
    suffix: '.test.ts',
    source: (to: string) => `import { probe } from '${to}';\nprobe();\n`,
  },
] as const;

const probes = [
  ...forbidden.map((edge) => ({ edge, verdict: 'refused' }) as const),
  ...allowed.map((edge) => ({ edge, verdict: 'allowed' }) as const),
].flatMap(({ edge: [from, to], verdict }, index) =>
  spellings.map(({ way, suffix, source }) => ({
    title: `${from} ${way} ${to}`,
    verdict,
    file: `${from}-${index}${suffix}`,
    source: source(to),
  })),
);

const Findings = z.object({ diagnostics: z.array(z.object({ code: z.string().optional(), filename: z.string() })) });

let copy: string;
const refused = new Set<string>();

/** Oxlint exits with 1 when it finds something, which is what it is asked to do here. */
function lint(directory: string): Promise<string> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { cwd: directory, maxBuffer: 2 ** 26 };
  execFile(process.execPath, [oxlint, '--format', 'json'], options, (error, stdout, stderr) => {
    if (error !== null && error.code !== 1) reject(new Error(`oxlint did not run: ${stderr}`, { cause: error }));
    else resolve(stdout);
  });
  return promise;
}

// One run over all of them, in a copy of the layout, so that the work tree never holds a planted file.
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'feedbench-boundaries-'));
  await copyFile(join(root, '.oxlintrc.json'), join(copy, '.oxlintrc.json'));
  for (const { file, source } of probes) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await writeFile(join(copy, file), source);
  }
  const { diagnostics } = Findings.parse(JSON.parse(await lint(copy)));
  for (const { code, filename } of diagnostics) if (code === rule) refused.add(filename.replaceAll(sep, '/'));
});

afterAll(async () => {
  await rm(copy, { recursive: true, force: true });
});

test.each(probes)('$title: $verdict', ({ file, verdict }) => {
  expect(refused.has(file) ? 'refused' : 'allowed').toBe(verdict);
});
