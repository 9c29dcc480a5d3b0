import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditFaults } from '../../scenarios/result/audit-counts.ts';
import { isMeasured } from '../../scenarios/result/result.ts';
import { figuresOf } from '../../reports/figures/figures.ts';
import { readLatest } from '../../cli/testing/feedbench-process.ts';
import { type Exit, TreeCopy } from '../tree-copy.ts';

/**
 * "A transport is a folder and a row", and "a dimension is a row": plants one of each that this feedbench has never heard
 * of in a copy of the tree, touches nothing else, and looks at everything that has to follow.
 */

const MINUTE_MS = 60_000;

const ROW = `
  lines: {
    label: 'Endless lines',
    summary: 'GET /lines?since=, an answer without an end, every message on a line of its own',
    aliases: ['ndjson'],
    cadence: 'push',
    tryIt: "curl -N 'http://HOST/lines?since=0'",
    path: '/lines',
    connectsBy: 'fetch',
    goodbye: [{ code: 'connection-closed' }],
    tooSlow: [{ code: 'connection-closed' }, { code: 'connection-lost' }],
    // The line's end, and the head and the end of a chunk: its size in hexadecimal, and two times CRLF.
    framing: [
      { fromBytes: 0, addsBytes: 6 },
      { fromBytes: 15, addsBytes: 7 },
      { fromBytes: 255, addsBytes: 8 },
      { fromBytes: 4095, addsBytes: 9 },
      { fromBytes: 65_535, addsBytes: 10 },
    ],
    exemptions: { say: 'its door takes no commands' },
    dimensions: { headers: {}, ending: {} },
    server: () => import('./lines/server.ts'),
    client: () => import('./lines/client.ts'),
  },`;

const DIMENSION = `  ending: {
    option: 'ending',
    label: 'line ending',
    summary: 'how a line ends',
    of: 'transport',
    values: { kind: 'choice', of: { lf: 'a line feed', crlf: 'a carriage return and a line feed' } },
    usual: 'lf',
    say: (text) => \`lines end in \${text}\`,
  },
`;

let copy: TreeCopy;

beforeAll(() => {
  copy = new TreeCopy();
  plant();
});

afterAll(() => {
  copy[Symbol.dispose]();
});

function plant(): void {
  for (const half of ['server.ts', 'client.ts']) {
    const source = readFileSync(join(import.meta.dirname, half), 'utf8');
    copy.write(`servers/lines/${half}`, source.replaceAll("'../../servers/", "'../"));
  }
  copy.change('servers/registry.ts', 'export const TRANSPORTS = {', (line) => line + ROW);
  copy.change('scenarios/dimensions.ts', '} as const satisfies Record<string, Dimension>;', (line) => DIMENSION + line);
}

async function feedbench(...words: string[]): Promise<Exit> {
  return copy.run(['cli/cli.ts', ...words]);
}

test('types pass', { timeout: MINUTE_MS }, async () => {
  expect(await copy.run(['node_modules/typescript/bin/tsc'])).toEqual({ code: 0, output: '' });
});

test('it is listed, and known to the command line', async () => {
  const { output } = await feedbench('list');
  expect(output).toMatch(/^ {2}lines, ndjson +GET \/lines\?since=/m);
  expect(output).toMatch(/^ {2}--ending +how a line ends$/m);
  expect(output).toMatch(/^ {2}crlf +a carriage return and a line feed$/m);
  const refused = await feedbench('run', 'ticker', '--transport', 'ndjson', '--ending', 'cr');
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.output).toContain('there is no "cr"; there are lf, crlf');
  const nobody = await feedbench('run', 'ticker', '--transport', 'websocket', '--ending', 'crlf');
  expect(nobody).toMatchObject({ code: 2 });
  expect(nobody.output).toContain('--ending crlf: websocket');
});

test('generators that cannot drive it say why', async () => {
  const { code, output } = await feedbench(
    'run',
    'ticker',
    '--transport',
    'lines',
    '--generator',
    'library,k6,autocannon',
  );
  expect(output).toContain('library × Endless lines: n/a, load/library/clients.ts names no library for it');
  expect(output).toContain('k6 × Endless lines: n/a, k6 has no EventSource, and hands out an answer when it is whole');
  expect(output).toContain('autocannon × Endless lines: n/a, it knows requests and answers alone');
  expect(code).toBe(2);
});

test('it is measured, and the report and the CSV show it', { timeout: MINUTE_MS }, async () => {
  const out = join(copy.path, 'out');
  const size = ['--clients', '5', '--duration', '1s', '--warm-up', '100ms', '--backplane', 'memory'];
  const which = ['--transport', 'lines,websocket', '--ending', 'lf,crlf'];
  const exit = await feedbench('run', 'ticker', '--trials', '1', ...which, ...size, '--out', out);
  expect(exit).toMatchObject({ code: 0 });
  const result = await readLatest(out);
  const trials = result.trials.filter(isMeasured);
  expect(trials.map(({ variant }) => variant.transport)).toEqual(['lines', 'lines', 'websocket']);
  for (const { audit } of trials) {
    expect(audit.received).toBeGreaterThan(0);
    expect(auditFaults(audit)).toBe(0);
  }
  // The end of a line is a byte longer, which is what the dimension means.
  const [short = 0, long = 0] = trials.map((trial) => {
    const { transportBytesPerMessage, payloadBytesPerMessage } = figuresOf(trial);
    return Number(transportBytesPerMessage.down) - Number(payloadBytesPerMessage);
  });
  expect([short, long].map(Math.round)).toEqual([8, 9]);
  const page = readFileSync(join(out, 'latest/index.html'), 'utf8');
  expect(page).toContain('Endless lines, memory, lines end in crlf');
  // The theory has its framing: 8 bytes around a message, where WebSocket has 4.
  expect(page).toMatch(/f 8 B/);
  expect(page).toMatch(/f 4 B/);
  const csv = readFileSync(join(out, 'latest/summary.csv'), 'utf8');
  expect(csv.split('\n', 1)[0]).toMatch(/,generator,note,headers,poll_interval_ns,.*,ending,copy,attempt,counts$/);
  expect(csv).toMatch(/^ticker,lines,memory,1,5,1,staleness_p50,ns,\d+(\.\d+)?,native,,browser,n\/a,.*,crlf,\d,1,1$/m);
});

/** Those tests of the copy whose names begin so. */
async function testsOfCopy(suite: string, names: string, env: NodeJS.ProcessEnv = {}): Promise<Exit> {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', suite, '-t', names];
  return copy.run(vitest, env);
}

test('the contract suite takes it as it is, with each of its values', { timeout: MINUTE_MS }, async () => {
  const { code, output } = await testsOfCopy('servers/contract', '^lines ');
  expect(output).toMatch(/lines over memory/);
  expect(output).toMatch(/lines with ending crlf/);
  expect(output).toMatch(/\d\d passed/);
  expect({ code, output }).toMatchObject({ code: 0 });
});

test('changed streams are played to it, with each of its values', { timeout: MINUTE_MS }, async () => {
  const { code, output } = await testsOfCopy('servers/hostile/fuzz', '^lines,', { FUZZ_STREAMS: '500' });
  expect(output).toMatch(/lines, as usual: 500 streams, seed 1: /);
  expect(output).toMatch(/lines, ending crlf: 500 streams, seed 1: /);
  expect({ code, output }).toMatchObject({ code: 0 });
});

test('its door is attacked, beside a client of it', { timeout: MINUTE_MS }, async () => {
  const { code, output } = await testsOfCopy('servers/hostile/requests', ' lines', { FUZZ_ATTACKS: '200' });
  expect(output).toMatch(/the door of lines/);
  // The other is the client that noticed nothing.
  expect(output).toMatch(/2 passed/);
  expect({ code, output }).toMatchObject({ code: 0 });
});

test('it is served beside the others, and the page says how to try it', { timeout: MINUTE_MS }, async () => {
  const served = spawn(process.execPath, ['cli/cli.ts', 'serve', '--port', '0'], { cwd: copy.path });
  try {
    const host = await hostSaidBy(served.stdout);
    const page = await (await fetch(`http://${host}/`)).text();
    expect(page).toContain('Endless lines');
    expect(page).toContain('http://HOST/lines?since=0');
    const health = await fetch(`http://${host}/health`);
    expect(await health.json()).toMatchObject({ transports: expect.arrayContaining(['lines']) as unknown });
  } finally {
    served.kill('SIGTERM');
    await once(served, 'exit');
  }
});

async function hostSaidBy(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const host = /(127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (host !== undefined) return host;
  }
  throw new Error('serve said no address');
}
