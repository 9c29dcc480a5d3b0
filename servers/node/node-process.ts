import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { EventLoopMonitor } from '../../scenarios/measures/event-loop.ts';
import { monotonicNs } from '../../scenarios/clock.ts';
import { HeaderReader } from '../../scenarios/feed/message.ts';
import { Recorder } from '../../scenarios/measures/recording.ts';
import { type FeedNode, type NodeOptions, openNode } from './node.ts';
import type { NodeCommand, NodeReport } from './node-messages.ts';

/**
 * One server node as a process of its own: `node servers/node/node-process.ts '{"transport":"websocket",…}'`. It talks to who
 * started it over Node's IPC channel, and ends with it: a node never outlives its run.
 */
const eventLoop = new EventLoopMonitor();
const header = new HeaderReader();
let recorder: Recorder | undefined;

/** A parent that has gone cannot be told; its going ends this process, by `disconnect`. */
function tell(report: NodeReport): void {
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
}

function obey(command: NodeCommand): void {
  switch (command.kind) {
    case 'record':
      recorder = new Recorder(command.bins);
      eventLoop.watch(command.windowStartNs, command.windowEndNs);
      return;
    case 'report':
      tell({ kind: 'report', recording: recorder?.snapshot() ?? [], eventLoop: eventLoop.report() });
      return;
    default:
      command satisfies never;
  }
}

async function open(options: NodeOptions): Promise<FeedNode> {
  return openNode(options, {
    onHealth: (healthy, reason) => tell({ kind: 'health', healthy, reason }),
    onSlowConsumer: () => recorder?.count('slowConsumerCloses', 1, monotonicNs()),
    onGapFilled: (messages) => recorder?.count('gapsFilled', messages, monotonicNs()),
    onAppended: (entry) => {
      if (recorder !== undefined && header.read(entry)) {
        recorder.record('backplane', Math.max(0, monotonicNs() - header.publishedNs), header.dueNs);
      }
    },
  });
}

async function stop(node: FeedNode): Promise<void> {
  await node.close();
  process.exit(0);
}

async function main(opening: Promise<FeedNode>): Promise<void> {
  // Listened for from the start, because who started this may be gone before it is ready; why a node could not be opened
  // is told below.
  const end = (): void => void opening.then(stop, () => undefined);
  process.once('SIGTERM', end);
  process.once('disconnect', end);
  if (process.send !== undefined && !process.connected) end();
  process.on('message', (command: NodeCommand) => obey(command));
  const { port } = await opening;
  tell({ kind: 'ready', port });
}

try {
  await main(open(JSON.parse(process.argv[2] ?? '{}') as NodeOptions));
} catch (error) {
  tell({
    kind: 'failed',
    code: error instanceof Failure ? error.code : 'node-not-ready',
    message: errorMessage(error),
  });
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
  process.disconnect?.();
}
