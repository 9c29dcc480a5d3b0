import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { errorMessage } from '../../scenarios/failures.ts';
import type { Plan } from '../../load/k6/lines.ts';
import { pinned, placeProcesses } from '../../load/machine/placement.ts';
import { sampleProcesses } from '../../load/watch/processes.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { findK6 } from '../../load/k6/program.ts';
import type { Tell, Turn } from './comparison.ts';
import { startFeedbench } from '../../cli/testing/feedbench-process.ts';
import { printText } from '../../cli/terminal.ts';

const CLIENTS = 200;
const SETTLE_MS = 3000;
const MEASURED_MS = 6000;
const TURNS = 4;
const NS_PER_US = 1000;
/** What `serve` publishes. */
const { feed } = loadWorkload('ticker');
const placement = placeProcesses();

/** CPU of a k6 with 200 long-polling subscribers: our script against a bare loop. */
export async function measure(tell: Tell): Promise<void> {
  let k6: string;
  try {
    k6 = await findK6();
  } catch (error) {
    printText(`k6 scripts: left out, ${errorMessage(error)}`);
    return;
  }
  const node = startFeedbench(['serve', '--transport', 'long-polling', '--scenario', 'ticker', '--port', '0'], {
    prefix: pinned(placement.server),
  });
  const host = /at (127\.0\.0\.1:\d+)/.exec(await node.printed(/Ctrl-C ends it/))?.[1] ?? '';
  const ours = ['-e', `PLAN=${JSON.stringify(planFor(host))}`, pathOf('../../load/k6/scripts/long-polling.ts')];
  const variables = [`URL=http://${host}`, `CLIENTS=${CLIENTS}`, 'DURATION=60s'].flatMap((pair) => ['-e', pair]);
  const bare = [...variables, pathOf('perf-bare.k6.ts')];
  const turns: Turn[] = [];
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      turns.push({ ours: await cpuUs(k6, ours), theirs: await cpuUs(k6, bare) });
    }
  } finally {
    node.signal('SIGTERM');
    await node.exited;
  }
  const question = `k6, CPU of a delivery with ${CLIENTS} subscribers`;
  tell({ question, unit: 'µs', ours: 'long-polling.ts', theirs: 'a bare loop', turns });
}

function planFor(host: string): Plan {
  return {
    targets: [{ host, headers: [] }],
    clients: CLIENTS,
    first: 0,
    step: 1,
    pollOriginMs: 0,
    pollIntervalMs: 3000,
    tellEvery: feed.messagesPerSecond,
    mostMs: 60_000,
  };
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** CPU in µs for each message to each client, whether they came one by one or a few in an answer. */
async function cpuUs(program: string, words: readonly string[]): Promise<number> {
  // What it tells is written, and read by nobody.
  const options = ['--quiet', '--no-usage-report', '--no-thresholds', '--summary-mode=disabled'];
  const output = ['--log-output=stdout', '--log-format=raw'];
  const [command = program, ...parameters] = [
    ...pinned(placement.generator),
    program,
    'run',
    ...options,
    ...output,
    ...words,
  ];
  const child = spawn(command, parameters, { stdio: 'ignore' });
  await once(child, 'spawn');
  try {
    await setTimeout(SETTLE_MS);
    const beforeNs = await usedNs(child);
    await setTimeout(MEASURED_MS);
    const used = (await usedNs(child)) - beforeNs;
    return used / NS_PER_US / ((CLIENTS * feed.messagesPerSecond * MEASURED_MS) / 1000);
  } finally {
    child.kill('SIGKILL');
  }
}

async function usedNs({ pid = 0 }: ChildProcess): Promise<number> {
  const sample = (await sampleProcesses([pid])).get(pid);
  if (sample === undefined) throw new Error('k6 ended by itself');
  return sample.cpuNs;
}
