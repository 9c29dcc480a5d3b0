import { setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { headerProfile, TRANSPORTS } from '../../servers/registry.ts';
import { liveAsAsker } from '../ceiling/asker.ts';
import type { CeilingCommand, CeilingReport } from '../ceiling/ceiling-messages.ts';
import { WindowCounter } from '../ceiling/window-counter.ts';

/**
 * The native sessions against a polling door, as fast as it answers. The long-polling client is the one that asks again
 * the moment it has an answer; at a door that holds nothing back that is a closed loop.
 */
async function ask(command: CeilingCommand): Promise<CeilingReport> {
  const { openSession } = await TRANSPORTS['long-polling'].client();
  const counter = new WindowCounter(command);
  const sessions = Array.from({ length: command.connections }, (_, index) => {
    let askedNs = monotonicNs();
    return openSession(
      {
        ...(command.targets[index % command.targets.length] ?? raise()),
        position: { kind: 'after', seq: command.since },
        headers: headerProfile(command.headers),
        poll: { originNs: 0, intervalNs: NS_PER_MS },
      },
      {
        opened: () => undefined,
        message: () => undefined,
        notice: () => undefined,
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
