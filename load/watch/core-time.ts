import { readFileSync } from 'node:fs';
import { NS_PER_MS } from '../../scenarios/units.ts';

/** The kernel prints these times in ticks of USER_HZ, which is 100 on every Linux that Node runs on. */
const TICK_NS = 10 * NS_PER_MS;

/** Since boot: what the machine's cores did not do. */
export interface CoreTime {
  /** Time in which the hypervisor ran others on our cores, over all of them; null where it is not told. */
  readonly stolenNs: number | null;
  /** By core: time in which it had nothing to run, or was not ours. */
  readonly restNsByCore: ReadonlyMap<number, number>;
}

/** Null where the system does not tell. */
export function readCoreTime(): CoreTime | null {
  try {
    return parseCoreTime(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return null;
  }
}

/**
 * From the text of /proc/stat (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal. The idle time is kept
 * exactly, the other figures by sampling at ticks, which misses programs that run between two ticks; so a core was busy
 * when it did not rest.
 */
export function parseCoreTime(text: string): CoreTime {
  const restNsByCore = new Map<number, number>();
  let stolenNs: number | null = null;
  for (const line of text.split('\n')) {
    const [name = '', ...figures] = line.split(/\s+/);
    if (!name.startsWith('cpu')) break;
    const [, , , idle = 0, waiting = 0, , , stolen] = figures.map(Number);
    if (name === 'cpu') stolenNs = stolen === undefined ? null : stolen * TICK_NS;
    else restNsByCore.set(Number(name.slice('cpu'.length)), (idle + waiting + (stolen ?? 0)) * TICK_NS);
  }
  return { stolenNs, restNsByCore };
}

/** Time in which these cores were busy since an unknown moment; null where one of them is not told of. */
export function busyNs({ restNsByCore }: CoreTime, cores: readonly number[], atNs: number): number | null {
  let busy = 0;
  for (const core of cores) {
    const restNs = restNsByCore.get(core);
    if (restNs === undefined) return null;
    busy += atNs - restNs;
  }
  return busy;
}
