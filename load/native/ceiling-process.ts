import { setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { closedLoopTransport, headerProfile } from '../../servers/registry.ts';
import { liveAsAsker } from '../ceiling/asker.ts';
import type { CeilingCommand, CeilingReport } from '../ceiling/ceiling-messages.ts';
import { WindowCounter } from '../ceiling/window-counter.ts';

/**
 * The native sessions against a door that answers at once, as fast as it does: each asks again the moment it has an
 * answer, which is a closed loop.
 */
async function ask(command: CeilingCommand): Promise<CeilingReport> {
  const { openSession } = await closedLoopTransport().asker();
  const counter = new WindowCounter(command);
  const sessions = Array.from({ length: command.connections }, (_, index) => {
    let askedNs = monotonicNs();
    return openSession(
      {
        ...(command.targets[index % command.targets.length] ?? raise()),
        position: { kind: 'after', seq: command.since },
        headers: headerProfile(command.values.headers),
        values: command.values,
        poll: { originNs: 0, intervalNs: NS_PER_MS },
      },
      {
        opened: () => undefined,
        message: () => undefined,
        notice: () => undefined,
        signal: () => undefined,
        foreign: () => counter.error(),
        answered: (_messages, receivedNs) => {
          counter.answer(receivedNs - askedNs, true);
          askedNs = receivedNs;
        },
        reopened: () => undefined,
        lost: () => counter.error(),
      },
    );
  });
  await setTimeout((command.windowEndNs - monotonicNs()) / NS_PER_MS);
  for (const session of sessions) session.close();
  return counter.report();
}

function raise(): never {
  throw new RangeError('there is no node to ask');
}

process.once('disconnect', () => process.exit(0));
liveAsAsker(ask);
