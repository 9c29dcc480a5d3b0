import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { mergeBins, timeBins } from '../../scenarios/measures/recording.ts';
import { openIngestClient } from '../ingest/client.ts';
import type { NodeOptions } from './node.ts';
import type { NodeCommand, NodeReport } from './node-messages.ts';
import { NODE_PROGRAM } from '../registry.ts';
import { bodyOf, subscribe } from '../testing/test-subscriber.ts';
import { Witness } from '../testing/test-witness.ts';

const children = new Set<ChildProcess>();

/** Politely, so that no ingest socket is left. */
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  children.clear();
});

/** The node as its parent sees it: a child that it talks with over IPC. */
class Started extends Witness {
  readonly reports: NodeReport[] = [];
  readonly exited: Promise<{ code: unknown; signal: unknown }>;
  readonly child: ChildProcess;

  constructor(options?: NodeOptions) {
    super();
    this.child = fork(fileURLToPath(NODE_PROGRAM), [], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    children.add(this.child);
    this.child.on('message', (report: NodeReport) => {
      this.reports.push(report);
      this.changed();
    });
    this.exited = once(this.child, 'exit').then(([code, signal]: unknown[]) => ({ code, signal }));
    if (options !== undefined) this.tell({ kind: 'open', options });
  }

  tell(command: NodeCommand): void {
    this.child.send(command);
  }

  /** The first report of that kind, or the one that comes after `before` of them. */
  async report<Kind extends NodeReport['kind']>(kind: Kind, before = 0): Promise<Extract<NodeReport, { kind: Kind }>> {
    const isKind = (report: NodeReport): report is Extract<NodeReport, { kind: Kind }> => report.kind === kind;
    await this.until(({ reports }) => reports.filter(isKind).length > before);
    const found = this.reports.filter(isKind)[before];
    if (found === undefined) throw new Error(`no ${kind}`);
    return found;
  }
}

function start(options: NodeOptions): Started {
  return new Started(options);
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('has the clock of its parent', REAL_TIME, async () => {
  const before = monotonicNs();
  const ingest = join(tmpdir(), `feedbench-${randomUUID()}`);
  const node = start({ transports: ['polling'], ingest });
  await node.report('ready');
  const bins = timeBins(before, 60e9);
  node.tell({ kind: 'record', bins, windowStartNs: before, windowEndNs: before + 60e9 });
  node.tell({ kind: 'report' });
  await node.report('report');
  const publisher = new Witness();
  let taken = 0;
  const client = await openIngestClient(ingest, {
    onAnswer: () => {
      taken += 1;
      publisher.changed();
    },
    onClose: () => undefined,
  });
  const publishedNs = monotonicNs();
  client.send(encodeBody(publishedNs, publishedNs, '{}'));
  await publisher.until(() => taken === 1);
  const elapsedNs = monotonicNs() - publishedNs;
  node.tell({ kind: 'report' });
  const { recording } = await node.report('report', 1);
  // Between two clocks that differ, the hop would seem to have begun before it did, or ended after.
  const hopNs = mergeBins(recording).histograms.backplane?.maxNs;
  expect(hopNs).toBeGreaterThan(0);
  expect(hopNs).toBeLessThan(elapsedNs);
  client.close();
});

test('says when it is ready and healthy, and where', async () => {
  const node = start({ transports: ['polling'] });
  const { port } = await node.report('ready');
  const answer = await fetch(`http://127.0.0.1:${port}/messages`);
  expect(await answer.text()).toBe('[]');
  expect(await node.report('health')).toEqual({ kind: 'health', healthy: true, reason: 'in memory' });
});

test('records from when it is told to, and reports', REAL_TIME, async () => {
  const ingest = join(tmpdir(), `feedbench-${randomUUID()}`);
  const node = start({ transports: ['websocket'], ingest });
  await node.report('ready');
  const answers = new Witness();
  const taken: unknown[] = [];
  const client = await openIngestClient(ingest, {
    onAnswer: (answer) => {
      taken.push(answer);
      answers.changed();
    },
    onClose: () => answers.changed(),
  });
  client.send(bodyOf('before it records'));
  await answers.until(() => taken.length === 1);
  const originNs = monotonicNs();
  const bins = timeBins(originNs, 2e9);
  node.tell({ kind: 'record', bins, windowStartNs: originNs, windowEndNs: originNs + 2e9 });
  // Commands and messages come over two sockets; by this answer the first command has been obeyed.
  node.tell({ kind: 'report' });
  await node.report('report');
  for (let index = 0; index < 10; index++) client.send(bodyOf({ index }));
  await answers.until(() => taken.length === 11);
  node.tell({ kind: 'report' });
  const { recording, eventLoop } = await node.report('report', 1);
  const { histograms } = mergeBins(recording);
  expect(recording).toHaveLength(2);
  expect(histograms.backplane?.count).toBe(10);
  expect(histograms.backplane?.maxNs).toBeLessThan(1e9);
  expect(eventLoop.utilization).toBeGreaterThan(0);
  client.close();
});

test('drains its clients on SIGTERM and ends with 0', async () => {
  const node = start({ transports: ['websocket'] });
  const { port } = await node.report('ready');
  const subscriber = await subscribe({ transport: 'websocket', port });
  node.child.kill('SIGTERM');
  await subscriber.until(({ lostReason }) => lostReason !== undefined);
  expect(subscriber.lostReason).toBe('the server closed with 1001 (server shutting down)');
  expect(await node.exited).toEqual({ code: 0, signal: null });
  expect(isAlive(node.child.pid)).toBe(false);
});

test('ends with its parent', async () => {
  const node = start({ transports: ['long-polling'] });
  await node.report('ready');
  node.child.disconnect();
  expect(await node.exited).toEqual({ code: 0, signal: null });
});

test('ends with a parent that goes before it is ready', async () => {
  const node = start({ transports: ['polling'] });
  node.child.disconnect();
  expect(await node.exited).toEqual({ code: 0, signal: null });
});

test.each([
  { what: 'a port in use', options: {}, code: 'port-in-use', exitCode: 3 },
  {
    what: 'Redis that is not there',
    options: { port: 0, backplane: 'redis', redisUrl: 'redis://127.0.0.1:1' },
    code: 'redis-lost',
    exitCode: 4,
  },
  { what: 'a wrong option', options: { holdMs: -5 }, code: 'usage', exitCode: 2 },
] as const)('says why it cannot start, and ends: $what', async ({ options, code, exitCode }) => {
  const other = start({ transports: ['polling'] });
  const { port } = await other.report('ready');
  const node = start({ transports: ['polling'], port, ...options });
  const failed = await node.report('failed');
  expect(failed.code).toBe(code);
  expect(failed.message).not.toContain('\n');
  expect(await node.exited).toEqual({ code: exitCode, signal: null });
});

test('ends with its parent where it was never told what to open', async () => {
  const node = new Started();
  node.child.disconnect();
  expect(await node.exited).toEqual({ code: 0, signal: null });
});
