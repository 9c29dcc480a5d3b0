import autocannon from 'autocannon';
import { monotonicNs } from '../../scenarios/clock.ts';
import { errorMessage } from '../../scenarios/failures.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import { closedLoopTransport, headerProfile, transportRow } from '../../servers/registry.ts';
import { liveAsAsker } from '../ceiling/asker.ts';
import type { CeilingCommand, CeilingReport } from '../ceiling/ceiling-messages.ts';
import { WindowCounter } from '../ceiling/window-counter.ts';
import type { Target } from '../generator.ts';

/**
 * autocannon against polling doors: one instance a node, each with its share of the connections. It corrects for
 * coordinated omission only where it has a rate to keep, and then takes seconds for milliseconds; a closed loop has no
 * rate and no intended times, so there is nothing to correct, and the latencies are those of the answers as they came.
 */
async function ask(command: CeilingCommand): Promise<CeilingReport> {
  const counter = new WindowCounter(command);
  const { targets, connections } = command;
  // More nodes than connections: those without one are left alone.
  const asked = targets.slice(0, connections);
  const shares = asked.map((_, index) => Math.ceil((connections - index) / asked.length));
  await Promise.all(
    asked.map(async (target, index) => fire(command, { target, connections: shares[index] ?? 1 }, counter)),
  );
  return counter.report();
}

async function fire(
  command: CeilingCommand,
  { target, connections }: { target: Target; connections: number },
  counter: WindowCounter,
): Promise<void> {
  const host = `${target.host}:${target.port}`;
  const { path } = transportRow(closedLoopTransport().id);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const instance = autocannon(
    {
      url: `http://${host}${path}?since=${command.since}`,
      connections,
      duration: Math.ceil((command.windowEndNs - monotonicNs()) / NS_PER_SECOND),
      headers: headersOf(command, host),
    },
    (error: unknown) => {
      if (error === null || error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error(errorMessage(error)));
    },
  );
  instance.on('response', (...[, statusCode, , responseMs]) =>
    counter.answer(Math.round(responseMs * NS_PER_MS), statusCode === 200),
  );
  instance.on('reqError', () => counter.error());
  await promise;
}

function headersOf({ values }: CeilingCommand, host: string): Record<string, string> {
  return Object.fromEntries(
    headerProfile(values.headers)
      .fetch(host)
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }),
  );
}

process.once('disconnect', () => process.exit(0));
liveAsAsker(ask);
