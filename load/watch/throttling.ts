import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NS_PER_US } from '../../scenarios/units.ts';

/**
 * How long a CPU quota has kept runnable programs of this process's control groups waiting, over all cores; null where
 * there is no such group. A quota of any group above counts too.
 */
export class ThrottlingReader {
  readonly #files: readonly string[];

  constructor() {
    this.#files = statFiles(read('/proc/self/cgroup'), read('/proc/self/mountinfo'));
  }

  read(): number | null {
    const times = this.#files.flatMap((file) => parseThrottledNs(read(file)) ?? []);
    return times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0);
  }
}

/** `throttled_usec` of version 2, `throttled_time` in nanoseconds of version 1; null where the text has neither. */
export function parseThrottledNs(cpuStat: string): number | null {
  const microseconds = /^throttled_usec (\d+)/m.exec(cpuStat)?.[1];
  if (microseconds !== undefined) return Number(microseconds) * NS_PER_US;
  const nanoseconds = /^throttled_time (\d+)/m.exec(cpuStat)?.[1];
  return nanoseconds === undefined ? null : Number(nanoseconds);
}

/**
 * `cpu.stat` of the group that /proc/self/cgroup names, and of those above it, below where /proc/self/mountinfo says that
 * the hierarchy is mounted (cgroups(7)). A mount may show only a part of the hierarchy, as in a container.
 */
export function statFiles(cgroup: string, mountInfo: string): string[] {
  const mounts = mountInfo.split('\n').map((line) => parseMount(line));
  return cgroup.split('\n').flatMap((line) => {
    const [, id, controllers = '', path = '/'] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    const isOurs = (mount: Mount): boolean =>
      id === '0' ? mount.type === 'cgroup2' : mount.type === 'cgroup' && mount.controllers.includes('cpu');
    const names = controllers.split(',');
    const mount = id === '0' || names.includes('cpu') ? mounts.find(isOurs) : undefined;
    if (mount === undefined) return [];
    const inside = path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
    return upwards(mount.point, join('/', inside)).map((folder) => join(folder, 'cpu.stat'));
  });
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly controllers: readonly string[];
}

/** `32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu` (proc_pid_mountinfo(5)). */
function parseMount(line: string): Mount {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root = '/', point = '/'] = before.split(' ');
  const [type = '', , options = ''] = after.split(' ');
  return { root, point, type, controllers: options.split(',') };
}

function upwards(top: string, inside: string): string[] {
  return inside === '/' ? [top] : [join(top, inside), ...upwards(top, dirname(inside))];
}

/** An absent file has nothing to say. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
