import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bodyOf } from '../testing/test-subscriber.ts';
import { openNode } from '../node/node.ts';
import { TRANSPORT_IDS } from '../registry.ts';

/**
 * A node with every door, in a process of its own, so that its memory is its own: tells its port, then publishes, and tells what it
 * holds whenever it is asked.
 */
const PUBLISH_MS = 20;
/** Unless it is told others on its command line. */
const REQUEST_MS = 2000;
const SLOW_MS = 1000;
/** Whoever is told how much a message has more has all that is held from the start. */
const [, , requestMs = REQUEST_MS, slowMs = SLOW_MS, filledBytes = 0] = process.argv.map(Number);
/** So that whoever asks for everything gets little. */
const HELD_MESSAGES = 100;

export interface AttackedNode {
  readonly port: number;
}

export interface HeldMemory {
  readonly heapBytes: number;
  readonly bufferBytes: number;
  readonly residentBytes: number;
  readonly published: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const node = await openNode({
  transports: TRANSPORT_IDS,
  // As many ways in as Socket.IO has.
  values: { shape: 'upgrade' },
  logMessages: HELD_MESSAGES,
  holdMs: 300,
  requestMs,
  slowMs,
  keepAliveMs: 2000,
});
let published = 0;

function held(): HeldMemory {
  for (let round = 0; round < 3; round++) collectGarbage();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heapBytes: heapUsed, bufferBytes: arrayBuffers, residentBytes: rss, published };
}

for (let count = filledBytes === 0 ? 0 : HELD_MESSAGES; count > 0; count--)
  await node.backplane.append(bodyOf('x'.repeat(filledBytes)));
function publish(): void {
  published += 1;
  void node.backplane.append(bodyOf({ symbol: `S${published % 10}`, price: published }));
}

if (filledBytes === 0) setInterval(publish, PUBLISH_MS);
process.on('message', () => process.send?.(held()));
process.on('disconnect', () => process.exit());
process.send?.({ port: node.port } satisfies AttackedNode);
