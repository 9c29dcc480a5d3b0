import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { EventLoopMonitor } from '../../scenarios/measures/event-loop.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { HeaderReader } from '../../scenarios/feed/message.ts';
import { Recorder } from '../../scenarios/measures/recording.ts';
import { BACKPLANES } from '../backplanes.ts';
import { type FeedNode, type NodeOptions, openNode, settleNodeOptions } from './node.ts';
import type { Departure } from '../transport.ts';
import { heldMemory } from './held-memory.ts';
import type { NodeCommand, NodeReport } from './node-messages.ts';

/**
 * One server node as a process of its own. It talks to who started it over Node's IPC channel, which also tells it what to
 * open, and ends with it: a node never outlives its run.
 */
const eventLoop = new EventLoopMonitor();
const header = new HeaderReader();
let opening: Promise<FeedNode> | undefined;
let recorder: Recorder | undefined;

/** A parent that has gone cannot be told; its going ends this process, by `disconnect`. */
function tell(report: NodeReport): void {
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
}

function obey(command: NodeCommand): void {
  switch (command.kind) {
    case 'open':
      opening = open(command.options);
      opening.then(({ port }) => tell({ kind: 'ready', port }), fail);
      return;
    case 'record':
      recorder = new Recorder(command.bins);
      eventLoop.watch(command.windowStartNs, command.windowEndNs);
      return;
    case 'report':
      tell({ kind: 'report', recording: recorder?.snapshot() ?? [], eventLoop: eventLoop.report() });
      return;
    case 'memory':
      heldMemory().then((held) => tell({ kind: 'memory', held }), fail);
      return;
    case 'restart':
      void end('restart');
      return;
    default:
      command satisfies never;
  }
}

async function open(options: NodeOptions): Promise<FeedNode> {
  return openNode(options, {
    onHealth: (healthy, reason) => tell({ kind: 'health', healthy, reason }),
    onSlowConsumer: () => recorder?.count('slowConsumerCloses', 1, monotonicNs()),
    onOriginRead: () => recorder?.count('originReads', 1, monotonicNs()),
    onGapFilled: (messages) => recorder?.count('gapsFilled', messages, monotonicNs()),
    // In a log that is one node's alone nothing is seen of the way to the others.
    ...(BACKPLANES[settleNodeOptions(options).backplane].sharesLog && { onAppended: recordHop }),
  });
}

function recordHop(entry: Buffer): void {
  if (recorder !== undefined && header.read(entry)) {
    recorder.record('backplane', Math.max(0, monotonicNs() - header.publishedNs), header.dueNs);
  }
}

/** A node that was never told what to open has nothing to close; why one could not be opened is told elsewhere. */
async function end(departure: Departure = 'for-good'): Promise<void> {
  if (opening !== undefined) {
    const node = await opening.catch(() => undefined);
    if (node === undefined) return;
    await node.close(departure);
  }
  process.exit(0);
}

function fail(error: unknown): void {
  tell({
    kind: 'failed',
    code: error instanceof Failure ? error.code : 'node-not-ready',
    message: errorMessage(error),
  });
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
  process.disconnect?.();
}

if (process.send === undefined) throw new TypeError('a node is told over an IPC channel what to open');
process.once('SIGTERM', () => void end());
// Who started this may be gone before it is ready.
process.once('disconnect', () => void end());
if (!process.connected) void end();
process.on('message', (command: NodeCommand) => obey(command));
