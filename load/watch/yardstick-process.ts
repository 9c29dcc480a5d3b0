import { flushCompileCache } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { TimeBins } from '../../scenarios/measures/recording.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { ownCpuNs } from './processes.ts';
import type { YardstickCommand, YardstickReport } from './yardstick-messages.ts';
import { YardstickTimes } from './yardstick-times.ts';
import { fixedWork } from './yardstick-work.ts';

/** How fast a core is: does the same work ten times a second on the core that this process is pinned to. */
const EVERY_NS = 100 * NS_PER_MS;
/** Until it is compiled as it will be. */
const REHEARSALS = 40;

let times: YardstickTimes | undefined;
/** What is computed goes somewhere, so that it is computed. */
let sink = 0;

function tell(report: YardstickReport): void {
  process.send?.(report);
}

/** CPU time, so that nothing counts for which this process had to wait. */
function workNs(): number {
  const startNs = ownCpuNs();
  sink ^= fixedWork();
  return ownCpuNs() - startNs;
}

/** Somewhere within each tenth of a second, so that it is in step with nothing: not with the feed, not with polls. */
async function measure({ originNs, binNs, count }: TimeBins, into: YardstickTimes): Promise<void> {
  const endNs = originNs + count * binNs;
  for (let slotNs = originNs; slotNs < endNs; slotNs += EVERY_NS) {
    const atNs = slotNs + Math.random() * (EVERY_NS - NS_PER_MS);
    await setTimeout(Math.max(0, (atNs - monotonicNs()) / NS_PER_MS));
    // One that comes long after its time is left out, or what was missed would all be made up for at once.
    const nowNs = monotonicNs();
    if (nowNs < slotNs + 2 * EVERY_NS) into.add(nowNs, workNs());
  }
}

function obey(command: YardstickCommand): void {
  switch (command.kind) {
    case 'record':
      times = new YardstickTimes(command.bins);
      void measure(command.bins, times);
      return;
    case 'report':
      tell({ kind: 'measured', perBinNs: times?.perBin() ?? [] });
      return;
    default:
      command satisfies never;
  }
}

// A thread that compiles for it would starve on a full core, and the work would take four times as long without being slower.
setFlagsFromString('--no-concurrent-recompilation');
for (let rehearsal = 0; rehearsal < REHEARSALS; rehearsal++) sink ^= fixedWork();
process.on('message', obey);
process.once('disconnect', () => process.exit(0));
tell({ kind: 'ready' });
flushCompileCache();
