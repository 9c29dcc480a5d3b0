import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type, version } from 'node:os';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import type { Machine } from '../../scenarios/result/noise-history.ts';
import type { Result } from '../../scenarios/result/result.ts';
import { usableDescriptors } from './descriptors.ts';
import { type Placement, placeYardsticks, realTime } from './placement.ts';
import { findProgram, readOutput } from './programs.ts';

const PATIENCE_MS = 5000;

/** Kernel settings that change what is measured. */
const SYSCTLS = [
  'net/core/somaxconn',
  'net/ipv4/tcp_slow_start_after_idle',
  'net/ipv4/tcp_congestion_control',
  'net/ipv4/tcp_timestamps',
  'net/ipv4/ip_local_port_range',
];

/** What this machine is known by. */
export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? null,
    cores: processors.length,
    system: `${type()} ${release()}`,
    node: process.version,
  };
}

/** What a reader needs to judge whether two results were made alike; absent facts are null. */
export async function describeEnvironment(placement: Placement): Promise<Result['environment']> {
  const git = await gitState();
  return {
    feedbench: `${manifest.version}, ${INSTALLATION.kind}`,
    ...thisMachine(),
    memoryBytes: totalmem(),
    kernel: version(),
    v8: process.versions.v8,
    openssl: process.versions.openssl,
    redis: await firstLineOf('redis-server', ['--version']),
    lockfileSha256: lockfileHash(),
    commit: git.commit,
    uncommittedChanges: git.dirty,
    connectionsPerProcess: usableDescriptors(),
    placement: placement.note,
    publisherPriority: realTime().length > 0 ? 'real time (SCHED_RR)' : 'ordinary: real time is not permitted',
    speedOfCores: placeYardsticks(placement).note,
    loadAverageBefore: loadavg()[0] ?? null,
    ...Object.fromEntries(SYSCTLS.map((name) => [name.replaceAll('/', '.'), readSysctl(name)])),
  };
}

function lockfileHash(): string | null {
  const text = readText(join(INSTALLATION.root, 'package-lock.json'));
  return text === undefined ? null : createHash('sha256').update(text).digest('hex');
}

function readSysctl(name: string): string | null {
  return readText(`/proc/sys/${name}`)?.trim().replaceAll('\t', ' ') ?? null;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** What git says of the folder of a package is of the project that uses it. */
async function gitState(): Promise<{ commit: string | null; dirty: boolean | null }> {
  const { kind, root } = INSTALLATION;
  const commit = kind === 'package' ? null : await firstLineOf('git', ['-C', root, 'rev-parse', 'HEAD']);
  if (commit === null) return { commit, dirty: null };
  const changes = await firstLineOf('git', ['-C', root, 'status', '--porcelain', '--untracked-files=no']);
  return { commit, dirty: changes === null ? null : changes !== '' };
}

/** Null where the program is missing or fails. */
async function firstLineOf(program: string, parameters: readonly string[]): Promise<string | null> {
  if (findProgram(program) === undefined) return null;
  try {
    const text = await readOutput([program, ...parameters], PATIENCE_MS);
    return text.split('\n')[0] ?? '';
  } catch {
    return null;
  }
}
