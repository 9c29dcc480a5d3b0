import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { PublisherCommand, PublisherReport } from './publisher.ts';

const PROGRAM = new URL('publisher-process.ts', import.meta.url);

test('everything that was handed in is expected, also what a node never confirmed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'feedbench-publisher-'));
  const ingest = join(folder, 'ingest');
  let lines = 0;
  // A node that takes every message, and gives a number to the first two.
  const node = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const _ of text.matchAll(/\n/g)) {
        lines += 1;
        if (lines <= 2) socket.write(`${lines}\n`);
      }
    });
  });
  await new Promise<void>((resolve) => {
    node.listen(ingest, () => resolve());
  });
  const publisher = fork(PROGRAM);
  const send = (command: PublisherCommand): void => void publisher.send(command);
  const done = new Promise<PublisherReport & { kind: 'done' }>((resolve, reject) => {
    publisher.on('message', (report: PublisherReport) => {
      if (report.kind === 'ready') send({ kind: 'prepare', options: { ingest, isPatient: false, ...feed } });
      if (report.kind === 'prepared') send({ kind: 'publish', ...timing() });
      if (report.kind === 'failed') reject(new Error(report.message));
      if (report.kind === 'done') resolve(report);
    });
  });
  try {
    expect(await done).toMatchObject({ published: 5 });
    expect(lines).toBe(5);
  } finally {
    publisher.kill();
    node.close();
    await rm(folder, { recursive: true, force: true });
  }
});

const feed = {
  feed: { kind: 'fixed', messagesPerSecond: 100 },
  payload: { kind: 'stock-prices', bytes: 200 },
  seed: 1,
  durationNs: 50 * NS_PER_MS,
} as const;

function timing() {
  const originNs = monotonicNs();
  const endNs = originNs + feed.durationNs;
  return { bins: { originNs, binNs: feed.durationNs, count: 1 }, windowStartNs: originNs, windowEndNs: endNs };
}
