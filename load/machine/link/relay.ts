import { fileURLToPath } from 'node:url';
import type { Link } from '../../../scenarios/path/links.ts';
import { type Child, nodeProgram, startChild } from '../child.ts';
import { entering, networkOf } from '../host.ts';
import type { Carried, RelayCommand, RelayReport } from './relay-messages.ts';

/** A side of a link: the process that holds its network namespace, and the name of its device. */
interface Side {
  readonly pid: number;
  readonly link: string;
}

/** What a link is made for. */
export interface LinkOrder {
  readonly link: Link;
  /** Decides which frames are lost. */
  readonly seed: number;
  /** Told where the relay ends by itself. */
  readonly onTrouble: (error: Error) => void;
}

/** How a link was made that is not just a cable. */
export interface MadeLink extends AsyncDisposable {
  readonly means: 'netem' | 'relay';
  /** The process that carries what two hosts send each other; absent where the kernel does. */
  readonly child?: Pick<Child<never, never>, 'name' | 'pid' | 'cores'>;
  /** Counts anew from here on. */
  begin(): Promise<void>;
  /** Since then. */
  carried(): Promise<Carried>;
}

const LINK = 'link';

/**
 * Starts one between a TAP device on each side, which are there when it resolves. It runs wherever a core is idle, and before
 * everything else where that is permitted: pinned to either side, it would take its time from that side alone. Rejects where
 * the system has no TAP devices, or does not let us have them.
 */
export async function startRelay(client: Side, peer: Side, order: LinkOrder): Promise<MadeLink> {
  const child: Child<RelayCommand, RelayReport> = startChild(
    {
      name: LINK,
      command: nodeProgram(fileURLToPath(new URL('relay-process.ts', import.meta.url))),
      host: { address: '', enter: entering(client.pid) },
      cores: [],
      urgent: true,
    },
    order.onTrouble,
  );
  const answer = Promise.race([child.next('ready'), child.next('failed'), child.exited]);
  child.send({
    kind: 'open',
    clientLink: client.link,
    peerLink: peer.link,
    peerNetwork: networkOf(peer.pid),
    ...linesOf(order.link),
    seed: order.seed,
  });
  const report = await answer;
  if (typeof report !== 'object' || report.kind === 'failed') {
    await child.kill();
    throw new Error(report?.message ?? 'the relay ended at once');
  }
  return {
    means: 'relay',
    child,
    begin: async () => child.send({ kind: 'begin' }),
    carried: async () => {
      const carried = child.next('carried');
      child.send({ kind: 'report' });
      const { down, up, failed, lateness } = await carried;
      return { down, up, failed, lateness };
    },
    [Symbol.asyncDispose]: async () => child.kill(),
  };
}

function linesOf({ delayNs, bitsPerSecondDown, bitsPerSecondUp, loss }: Link): Pick<OpenCommand, 'down' | 'up'> {
  return {
    down: { delayNs, bitsPerSecond: bitsPerSecondDown, loss },
    up: { delayNs, bitsPerSecond: bitsPerSecondUp, loss },
  };
}

type OpenCommand = Extract<RelayCommand, { kind: 'open' }>;
