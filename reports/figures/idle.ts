import { type MeasuredTrial, sourceOf, windowNs } from '../../scenarios/result/result.ts';
import { recordBytes } from '../../scenarios/tls/records.ts';
import { isOverTls } from '../../scenarios/variant.ts';
import { derive, type Figure, isAvailable, type NotAvailable, per } from './figure.ts';
import { counterTotal, type Figures } from './figures.ts';

/** Something was said, so what went over the wire is not what a connection costs that only stands. */
const NOT_IDLE: NotAvailable = { reason: 'of trials in which nothing is said' };
const NOT_KEPT: NotAvailable = { reason: 'this version of the result file did not keep it' };
const NO_SIGN = 'no sign of life went over a connection in the window';

const TOO_FEW: NotAvailable = {
  reason: 'with fewer than 500 connections what they cost is not told from what a node itself needs',
};
const FOREIGN_CLIENTS: NotAvailable = {
  reason:
    'the clients are in another program, and what the kernel holds for its own sockets and files is not told apart',
};
/** A node's own memory moves by a megabyte or two, and four times a heartbeat it looks for dead peers, however few there are. */
const FEWEST_TOLD = 500;

/** What a connection costs on which nothing is said. */
export interface IdleCosts {
  /** Of both directions, in a minute, with signs of life as often as in the trial. */
  readonly wireBytes: Figure;
  /** Of the server side, in a minute: what its processes use without any connection is in it. */
  readonly serverCpuNs: Figure;
  /** Both with signs of life as often as is usual, by those that were sent. */
  readonly usualWireBytes: Figure;
  readonly usualServerCpuNs: Figure;
  /** What the nodes hold more than before anybody connected, resident, their garbage collected. */
  readonly userBytes: Figure;
  /** Of these what JavaScript's objects and buffers have. */
  readonly objectBytes: Figure;
  /** The most that was resident, garbage too. */
  readonly mostUserBytes: Figure;
  /** What the kernel holds for the socket of the server's end. */
  readonly kernelBytes: Figure;
}

const SECONDS_A_MINUTE = 60;
const NS_A_MINUTE = SECONDS_A_MINUTE * 1e9;

export function idleCosts(trial: MeasuredTrial, figures: Figures): IdleCosts {
  if (trial.dueInWindow > 0) return NOTHING;
  const { clients, idle } = trial;
  const connectionNs = windowNs(trial) * clients;
  const wireBytes = derive([figures.wireBytesPerClientSecond], (bytes) => bytes * SECONDS_A_MINUTE);
  const serverCpuNs =
    clients < FEWEST_TOLD ? TOO_FEW : derive([figures.serverCpuNs], (ns) => (ns / connectionNs) * NS_A_MINUTE);
  const atUsual = (figure: Figure): Figure => {
    if (idle === undefined) return NOT_KEPT;
    const usualSigns = connectionNs / idle.usualSignNs;
    return per(
      derive([figure], (amount) => amount * usualSigns),
      signsSent(trial, figures),
      NO_SIGN,
    );
  };
  const heldMore = (kind: 'residentBytes' | 'objectBytes'): Figure => {
    if (idle === undefined) return NOT_KEPT;
    if (clients < FEWEST_TOLD) return TOO_FEW;
    return Math.max(0, idle.held.connected[kind] - idle.held.before[kind]) / clients;
  };
  return {
    wireBytes,
    serverCpuNs,
    usualWireBytes: atUsual(wireBytes),
    usualServerCpuNs: atUsual(serverCpuNs),
    userBytes: heldMore('residentBytes'),
    objectBytes: heldMore('objectBytes'),
    mostUserBytes:
      clients < FEWEST_TOLD
        ? TOO_FEW
        : derive([figures.rssMaxBytes.node], (most) => Math.max(0, most - beforeRamp(trial)) / clients),
    kernelBytes: kernelBytes(trial),
  };
}

/**
 * How often in the window something went over a connection, of all of them: a node that is busy may be late with it, and then it
 * is less often than was asked for. Packets tell it for every generator: one there, and one more where something comes back, whose
 * ACK finds nothing to travel with.
 */
function signsSent(trial: MeasuredTrial, { answers }: Figures): Figure {
  const frames = trial.idle?.frames;
  if (frames === undefined || frames === null) return answers;
  const tlsBytes = isOverTls(trial.variant) ? recordBytes(frames.downBytes) : 0;
  const packetsDown = counterTotal(trial, 'wirePacketsDown');
  if (isAvailable(packetsDown)) return packetsDown / (frames.upBytes === 0 ? 1 : 2);
  return derive([counterTotal(trial, 'transportBytesDown')], (bytes) => bytes / (frames.downBytes + tlsBytes));
}

/** Both ends are on this machine, and cost it the same: where they are sockets of our own, whose bytes are counted. */
function kernelBytes(trial: MeasuredTrial): Figure {
  const { clients, ramp } = trial;
  if (sourceOf(trial, 'transportBytesDown').kind === 'n/a') return FOREIGN_CLIENTS;
  if (clients < FEWEST_TOLD) return TOO_FEW;
  return ramp.socketBytes === null || ramp.socketBytes === undefined
    ? { reason: 'this system does not tell what its kernel holds for sockets, or only root' }
    : ramp.socketBytes / 2 / clients;
}

const NOTHING: IdleCosts = {
  wireBytes: NOT_IDLE,
  serverCpuNs: NOT_IDLE,
  usualWireBytes: NOT_IDLE,
  usualServerCpuNs: NOT_IDLE,
  userBytes: NOT_IDLE,
  objectBytes: NOT_IDLE,
  mostUserBytes: NOT_IDLE,
  kernelBytes: NOT_IDLE,
};

function beforeRamp({ processes }: MeasuredTrial): number {
  return processes.filter(({ role }) => role === 'node').reduce((sum, one) => sum + one.rssBytesBeforeRamp, 0);
}
