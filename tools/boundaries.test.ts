import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const root = dirname(import.meta.dirname);
const rule = 'eslint(no-restricted-imports)';

/** Importing file, and what it imports. */
type Edge = readonly [from: string, to: string];

/** By folder: what its files may not import. Both ends are files of the tree; those that are not there are meant to be so. */
const forbidden: readonly Edge[] = [
  // The vocabulary is pure.
  ['scenarios/units', '../servers/feed/log.ts'],
  ['scenarios/units', '../load/run.ts'],
  ['scenarios/units', '../reports/figures/statistics.ts'],
  ['scenarios/units', '../tools/perf/perf.ts'],
  ['scenarios/units', '../cli/options.ts'],
  ['scenarios/dimensions', '../cli/dimension-options.ts'],
  ['scenarios/result/result', '../../servers/registry.ts'],
  ['scenarios/result/result', '../../cli/options.ts'],
  ['scenarios/feed/schedule', '../../load/plan.ts'],
  ['scenarios/units', 'node:net'],
  ['scenarios/units', 'node:http'],
  ['scenarios/units', 'node:child_process'],
  ['scenarios/units', 'http'],
  ['scenarios/units', 'ws'],
  ['scenarios/units', 'fastify'],
  ['scenarios/units', 'ioredis'],

  // Servers know the vocabulary; transports know neither each other nor the node.
  ['servers/feed/log', '../../load/run.ts'],
  ['servers/feed/log', '../../reports/figures/statistics.ts'],
  ['servers/feed/log', '../../tools/perf/perf.ts'],
  ['servers/feed/log', '../../cli/cli.ts'],
  ['servers/polling/server', '../../load/native/worker-process.ts'],
  ['servers/polling/server', '../../reports/figures/statistics.ts'],
  ['servers/polling/server', '../../cli/cli.ts'],
  ['servers/polling/server', '../long-polling/server.ts'],
  ['servers/long-polling/server', '../polling/server.ts'],
  ['servers/websocket/client', '../polling/client.ts'],
  ['servers/websocket/client', '../../servers/polling/client.ts'],
  ['servers/websocket/server', '../node/node.ts'],
  ['servers/polling/client', '../node/node-messages.ts'],
  ['servers/websocket/nested/text', '../../polling/client.ts'],
  ['servers/websocket/nested/text', '../../node/node.ts'],
  ['servers/not-yet-thought-of/server', '../websocket/server.ts'],
  ['servers/not-yet-thought-of/server', '../node/node.ts'],
  ['servers/websocket/server', '../not-yet-thought-of/server.ts'],
  ['servers/asking/http-session', '../websocket/client.ts'],

  // Load knows of servers what it takes to start and to ask them.
  ['load/run', '../servers/feed/log.ts'],
  ['load/fleet/nodes', '../../servers/ingest/server.ts'],
  ['load/trial/trial', '../../servers/websocket/client.ts'],
  ['load/claims/pages/streams', '../../run.ts'],
  ['load/workers/subscribers', '../../servers/websocket/client.ts'],
  ['load/native/worker-process', '../../servers/backplane/redis.ts'],
  ['load/k6/scripts/websocket', '../../../servers/websocket/client.ts'],
  ['load/run', '../reports/figures/statistics.ts'],
  ['load/run', '../tools/perf/perf.ts'],
  ['load/run', '../cli/progress.ts'],
  ['load/trial/trial', '../../cli/progress.ts'],
  ['load/workers/worker', '../../cli/cli.ts'],
  ['load/k6/scripts/polling', '../../../cli/options.ts'],

  // Within it: run, trial, fleet, machine, in this order; generators aside, each by itself.
  ['load/machine/child', '../fleet/nodes.ts'],
  ['load/machine/link/relay', '../../fleet/nodes.ts'],
  ['load/machine/guard', '../trial/trial.ts'],
  ['load/machine/guard', '../watch/processes.ts'],
  ['load/watch/process-watch', '../trial/trial.ts'],
  ['load/watch/process-watch', '../fleet/nodes.ts'],
  ['load/machine/placement', '../plan.ts'],
  ['load/machine/network', '../../servers/registry.ts'],
  ['load/subscribers/audit', '../workers/subscribers.ts'],
  ['load/subscribers/audit', '../machine/child.ts'],
  ['load/fleet/nodes', '../trial/stage.ts'],
  ['load/fleet/redis-server', '../run.ts'],
  ['load/fleet/publisher-process', '../native/generator.ts'],
  ['load/trial/stage', '../native/generator.ts'],
  ['load/trial/trial', '../run.ts'],
  ['load/trial/trial', '../campaign/campaign.ts'],
  ['load/campaign/campaign', '../trial/trial.ts'],
  ['load/campaign/campaign', '../run.ts'],
  ['load/trial/trial', '../plan.ts'],
  ['load/trial/record', '../ceiling/ceiling.ts'],
  ['load/native/generator', '../k6/generator.ts'],
  ['load/native/generator', '../trial/trial.ts'],
  ['load/native/generator', '../fleet/nodes.ts'],
  ['load/native/generator', '../registry.ts'],
  ['load/k6/scripts/websocket', '../../native/generator.ts'],
  ['load/workers/worker', '../native/generator.ts'],
  ['load/library/clients', '../native/generator.ts'],
  ['load/library/clients', '../../servers/websocket/client.ts'],
  ['load/library/sessions/websocket', '../../native/generator.ts'],
  ['load/library/sessions/websocket', '../../registry.ts'],
  ['load/library/sessions/websocket', '../../../servers/websocket/client.ts'],
  ['load/native/generator', '../library/clients.ts'],
  ['load/k6/scripts/websocket', '../../run.ts'],
  ['load/autocannon/ceiling-process', '../native/ceiling-process.ts'],
  ['load/not-yet-thought-of/generator', '../native/generator.ts'],
  ['load/not-yet-thought-of/generator', '../run.ts'],
  ['load/native/generator', '../not-yet-thought-of/generator.ts'],
  ['load/ceiling/ceiling', '../native/ceiling-process.ts'],
  ['load/ceiling/ceiling', '../trial/trial.ts'],

  // Reports know the result file.
  ['reports/page', '../servers/registry.ts'],
  ['reports/page', '../servers/ingest/client.ts'],
  ['reports/page', '../load/run.ts'],
  ['reports/page', '../tools/perf/perf.ts'],
  ['reports/page', '../cli/terminal.ts'],
  ['reports/charts/line-plot', '../../load/run.ts'],
  ['reports/html/html', '../../servers/registry.ts'],
  ['reports/sections/answer', '../../cli/terminal.ts'],
  ['reports/write-reports', 'ioredis'],
  ['reports/sections/answer', 'ws'],
  ['reports/figures/figures', 'fastify'],
  ['reports/report/report', 'node:child_process'],
  ['reports/theory/predictions', 'node:net'],
  ['reports/charts/line-plot', 'http'],
  ['reports/page.e2e', '../load/run.ts'],

  // Within them: html and figures at the bottom, then theory, report, charts, sections, pages.
  ['reports/html/table', '../figures/wording.ts'],
  ['reports/html/document', '../sections/section.ts'],
  ['reports/figures/verdict', '../report/report.ts'],
  ['reports/statistics/ratio', '../report/report.ts'],
  ['reports/statistics/ratio', '../figures/figures.ts'],
  ['reports/figures/figures', '../html/html.ts'],
  ['reports/theory/predictions', '../report/report.ts'],
  ['reports/report/report', '../sections/section.ts'],
  ['reports/report/report', '../summary-csv.ts'],
  ['reports/report/comparison', '../charts/line-plot.ts'],
  ['reports/report/answer/answer', '../../sections/answer.ts'],
  ['reports/report/answer/answer', '../../page.ts'],
  ['reports/report/answer/answer', '../../../load/run.ts'],
  ['reports/charts/line-plot', '../sections/section.ts'],
  ['reports/charts/line-plot', '../page.ts'],
  ['reports/sections/answer', '../page.ts'],
  ['reports/sections/answer', '../ceiling/ceiling-page.ts'],
  ['reports/sections/trials/trust', '../../page.ts'],
  ['reports/sections/trials/trust', '../../compare/change.ts'],

  // Verbs do not know each other, and what they share does not know them.
  ['cli/verbs/run', './serve.ts'],
  ['cli/verbs/serve', './run.ts'],
  ['cli/verbs/report', '../verbs/run.ts'],
  ['cli/verbs/list', '../commands/run.ts'],
  ['cli/verbs/run', '../cli.ts'],
  ['cli/commands/run', './serve.ts'],
  ['cli/commands/run', '../commands/list.ts'],
  ['cli/progress', './verbs/run.ts'],
  ['cli/options', './commands/run.ts'],
  ['cli/cli', './verbs/run.ts'],
];

const allowed: readonly Edge[] = [
  ['scenarios/units', './clock.ts'],
  ['scenarios/result/result', '../units.ts'],
  ['scenarios/units', 'zod'],
  ['servers/registry', './websocket/server.ts'],
  ['servers/registry', './node/node.ts'],
  ['servers/feed/log', '../../scenarios/units.ts'],
  ['servers/websocket/server', './client.ts'],
  ['servers/websocket/server', '../transport.ts'],
  ['servers/websocket/server', '../feed/log.ts'],
  ['servers/websocket/server', '../backplane/redis.ts'],
  ['servers/websocket/server', '../../scenarios/units.ts'],
  ['servers/websocket/server', 'ws'],
  ['servers/websocket/nested/text', '../../wire/frames.ts'],
  ['servers/testing/test-node', '../node/node.ts'],
  ['servers/hostile/attacked-node-process', '../node/node.ts'],
  ['servers/node/node', '../registry.ts'],
  ['load/run', '../scenarios/units.ts'],
  ['load/run', '../servers/registry.ts'],
  ['load/run', '../servers/backplanes.ts'],
  ['load/run', './trial/trial.ts'],
  ['load/registry', './native/generator.ts'],
  ['load/trial/trial', '../fleet/nodes.ts'],
  ['load/trial/trial', '../machine/guard.ts'],
  ['load/trial/edge-watch', '../watch/process-watch.ts'],
  ['load/watch/processes', '../machine/programs.ts'],
  ['load/trial/trial', '../registry.ts'],
  ['load/trial/trial', '../../servers/registry.ts'],
  ['load/fleet/nodes', '../machine/child.ts'],
  ['load/fleet/nodes', '../../servers/node/node-messages.ts'],
  ['load/machine/child', './network.ts'],
  ['load/machine/link/relay', '../child.ts'],
  ['load/machine/child', '../../scenarios/units.ts'],
  ['load/native/generator', '../generator.ts'],
  ['load/native/generator', '../workers/worker-generator.ts'],
  ['load/workers/worker-generator', '../machine/child.ts'],
  ['load/library/sessions/websocket', '../sockets.ts'],
  ['load/library/sessions/websocket', '../../../servers/wire/feed-reader.ts'],
  ['load/workers/subscribers', '../subscribers/audit.ts'],
  ['load/workers/subscribers', '../../servers/transport.ts'],
  ['load/native/ceiling-process', '../ceiling/asker.ts'],
  ['load/k6/scripts/websocket', '../inside/subscriber.ts'],
  ['load/k6/scripts/websocket', '../../subscribers/audit.ts'],
  ['load/k6/scripts/websocket', '../../../scenarios/units.ts'],
  ['load/fleet/publisher-process', '../../servers/ingest/client.ts'],
  ['load/ceiling/run-ceiling', '../run.ts'],
  ['reports/page', '../scenarios/units.ts'],
  ['reports/page', './sections/answer.ts'],
  ['reports/page', 'node:fs'],
  ['reports/charts/line-plot', '../report/report.ts'],
  ['reports/sections/answer', '../charts/line-plot.ts'],
  ['reports/sections/trials/trust', '../section.ts'],
  ['reports/sections/trials/trust', '../../report/rows.ts'],
  ['reports/report/answer/answer', '../report.ts'],
  ['reports/report/answer/answer', '../../figures/compared.ts'],
  ['reports/report/report', '../theory/predictions.ts'],
  ['reports/report/ratios', '../statistics/ratio.ts'],
  ['reports/html/html', './table.ts'],
  ['reports/html/html', '../../scenarios/units.ts'],
  ['tools/perf/perf', '../../load/run.ts'],
  ['tools/perf/perf', '../../servers/websocket/server.ts'],
  ['tools/perf/perf', '../../cli/cli.ts'],
  ['cli/cli', './commands/run.ts'],
  ['cli/commands/run', '../verbs/run.ts'],
  ['cli/commands/run', '../options.ts'],
  ['cli/verbs/run', '../progress.ts'],
  ['cli/verbs/run', '../../load/run.ts'],
  ['cli/verbs/run', '../../reports/page.ts'],
];

/** Folders and files that are named because they are not there: what is new is held to the same. */
const NOT_THERE = /not-yet-thought-of|\/nested\/|page\.e2e/;

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

test.each([...forbidden, ...allowed].filter((edge) => !edge.some((end) => NOT_THERE.test(end))))(
  '%s and %s are there',
  (from, to) => {
    const ends = [`${from}.ts`, ...(to.startsWith('.') ? [join(dirname(from), to)] : [])];
    expect(ends.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  },
);

test.each(probes)('$title: $verdict', ({ file, verdict }) => {
  expect(refused.has(file) ? 'refused' : 'allowed').toBe(verdict);
});
