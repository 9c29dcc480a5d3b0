import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { errorMessage } from '../scenarios/failures.ts';
import type { Plan } from '../load/k6/lines.ts';
import { pinned } from '../load/placement.ts';
import { findK6 } from '../load/k6/program.ts';
import { startFeedbench } from './feedbench-process.ts';

const CLIENTS = 200;
const SETTLE_MS = 3000;
const MEASURED_MS = 6000;
const TURNS = 4;
/** Kernel ticks are 10 ms in /proc, whatever the machine. */
const TICK_US = 10_000;

/** CPU of a k6 that serves 200 long-polling subscribers at 20 messages a second: our script against a bare loop. */
export async function compareScripts(): Promise<void> {
  let k6: string;
  try {
    k6 = await findK6();
  } catch (error) {
    console.log(`k6 scripts: left out, ${errorMessage(error)}`);
    return;
  }
  const node = startFeedbench(['serve', '--transport', 'long-polling', '--port', '0']);
  const host = /at (127\.0\.0\.1:\d+)/.exec(await node.printed(/Ctrl-C ends it/))?.[1] ?? '';
  const ours = ['-e', `PLAN=${JSON.stringify(planFor(host))}`, pathOf('../load/k6/long-polling.ts')];
  const variables = [`URL=http://${host}`, `CLIENTS=${CLIENTS}`, 'DURATION=60s'].flatMap((pair) => ['-e', pair]);
  const bare = [...variables, pathOf('perf-bare.k6.ts')];
  const ratios: number[] = [];
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      const [ourUs, bareUs] = [await cpuUs(k6, ours), await cpuUs(k6, bare)];
      ratios.push(ourUs / bareUs);
      console.log(
        `k6, CPU of a delivery: ${ourUs.toFixed(0)} µs by long-polling.ts, ${bareUs.toFixed(0)} by a bare loop`,
      );
    }
  } finally {
    node.signal('SIGTERM');
    await node.exited;
  }
  console.log(`  ratio ${Math.min(...ratios).toFixed(2)}…${Math.max(...ratios).toFixed(2)}`);
}

function planFor(host: string): Plan {
  return {
    targets: [{ host, headers: [] }],
    clients: CLIENTS,
    first: 0,
    step: 1,
    pollOriginMs: 0,
    pollIntervalMs: 3000,
    tellEvery: 20,
    mostMs: 60_000,
  };
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** For each of the 20 messages a second to each client, whether they came one by one or a few in an answer. */
async function cpuUs(program: string, words: readonly string[]): Promise<number> {
  const options = ['--quiet', '--no-usage-report', '--no-thresholds', '--summary-mode=disabled', '--log-output=none'];
  // On one core, as in a trial.
  const [command = program, ...parameters] = [...pinned([1]), program, 'run', ...options, ...words];
  const child = spawn(command, parameters, { stdio: 'ignore' });
  try {
    await setTimeout(SETTLE_MS);
    const before = ticks(child.pid);
    await setTimeout(MEASURED_MS);
    return ((ticks(child.pid) - before) * TICK_US) / (CLIENTS * 20 * (MEASURED_MS / 1000));
  } finally {
    child.kill('SIGKILL');
  }
}

function ticks(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
