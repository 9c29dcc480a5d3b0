import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { derive, type Figure, type NotAvailable } from './figure.ts';
import type { Figures } from './figures.ts';

/** Something was said, so what went over the wire is not what a connection costs that only stands. */
const NOT_IDLE: NotAvailable = { reason: 'of trials in which nothing is said' };

/** What a connection costs on which nothing is said. */
export interface IdleCosts {
  /** Of both directions, in a minute. */
  readonly wireBytes: Figure;
  /** Of the server side, in a minute: what its processes use without any connection is in it. */
  readonly serverCpuNs: Figure;
  /** What the nodes hold more than before anybody connected. */
  readonly userBytes: Figure;
  /** What the kernel holds for the socket of the server's end. */
  readonly kernelBytes: Figure;
}

const SECONDS_A_MINUTE = 60;
const NS_A_MINUTE = SECONDS_A_MINUTE * 1e9;

export function idleCosts(trial: MeasuredTrial, figures: Figures): IdleCosts {
  if (trial.dueInWindow > 0)
    return { wireBytes: NOT_IDLE, serverCpuNs: NOT_IDLE, userBytes: NOT_IDLE, kernelBytes: NOT_IDLE };
  const { clients, window, processes, ramp } = trial;
  const windowNs = (window.endBin - window.firstBin) * window.binNs;
  const before = processes.filter(({ role }) => role === 'node').reduce((sum, one) => sum + one.rssBytesBeforeRamp, 0);
  return {
    wireBytes: derive([figures.wireBytesPerClientSecond], (bytes) => bytes * SECONDS_A_MINUTE),
    serverCpuNs: derive([figures.serverCpuNs], (ns) => (ns / windowNs / clients) * NS_A_MINUTE),
    userBytes: derive([figures.rssMaxBytes.node], (most) => Math.max(0, most - before) / clients),
    // Both ends are on this machine, and cost it the same.
    kernelBytes:
      ramp.socketBytes === null || ramp.socketBytes === undefined
        ? { reason: 'this system does not tell what its kernel holds for sockets, or only root' }
        : ramp.socketBytes / 2 / clients,
  };
}
