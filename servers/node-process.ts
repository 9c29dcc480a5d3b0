import { errorMessage, Failure } from '../scenarios/failures.ts';
import { EventLoopMonitor } from '../scenarios/event-loop.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import { HeaderReader } from '../scenarios/message.ts';
import { Recorder } from '../scenarios/recording.ts';
import { type NodeOptions, openNode } from './node.ts';
import type { NodeCommand, NodeReport } from './node-messages.ts';

/**
 * One server node as a process of its own: `node servers/node-process.ts '{"transport":"websocket",…}'`. It talks to who
 * started it over Node's IPC channel, and ends with it: a node never outlives its run.
 */
const eventLoop = new EventLoopMonitor();
const header = new HeaderReader();
let recorder: Recorder | undefined;

function tell(report: NodeReport): void {
  process.send?.(report);
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

async function main(options: NodeOptions): Promise<void> {
  const node = await openNode(options, {
    onHealth: (healthy, reason) => tell({ kind: 'health', healthy, reason }),
    onSlowConsumer: () => recorder?.count('slowConsumerCloses', 1, monotonicNs()),
    onGapFilled: (messages) => recorder?.count('gapsFilled', messages, monotonicNs()),
    onAppended: (frame) => {
      if (recorder !== undefined && header.read(frame)) {
        recorder.record('backplane', Math.max(0, monotonicNs() - header.publishedNs), header.dueNs);
      }
    },
  });
  const stop = async (): Promise<void> => {
    await node.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('disconnect', () => void stop());
  process.on('message', (command: NodeCommand) => obey(command));
  tell({ kind: 'ready', port: node.port });
}

try {
  await main(JSON.parse(process.argv[2] ?? '{}') as NodeOptions);
} catch (error) {
  tell({
    kind: 'failed',
    code: error instanceof Failure ? error.code : 'node-not-ready',
    message: errorMessage(error),
  });
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
  process.disconnect?.();
}
