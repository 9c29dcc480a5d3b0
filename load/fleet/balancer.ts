import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DIMENSIONS, type DimensionValues, type ValueOf } from '../../scenarios/dimensions.ts';
import type { ThrowAwayAuthority } from '../../scenarios/tls/authority.ts';
import { errorMessage, Failure, systemErrorCode } from '../../scenarios/failures.ts';
import { type BalancerId, BALANCERS, settingsFor } from '../../servers/balancers.ts';
import type { Target } from '../generator.ts';
import { type Child, startChild } from '../machine/child.ts';
import { usableDescriptors } from '../machine/descriptors.ts';
import { freePort } from '../machine/free-port.ts';
import type { Guard } from '../machine/guard.ts';
import type { Host } from '../machine/host.ts';
import { allowedCores } from '../machine/placement.ts';
import { findProgram, readOutput } from '../machine/programs.ts';

type BalancerChild = Child<never, never>;
type BalancerPlace = Parameters<typeof settingsFor>[2];

/** What stands between clients and nodes for a trial, and is gone with it. */
export interface Balancer {
  /** Where it listens: the one address that clients know. */
  readonly target: Target;
  readonly child: BalancerChild;
  /** What it has complained of, each in its own words without what changes from one to the next, the most frequent first. */
  readonly complaints: () => readonly Complaint[];
}

interface Complaint {
  readonly text: string;
  readonly count: number;
}

export interface BalancerSite {
  readonly host: Host;
  readonly cores: readonly number[];
  /** Where it finds its file, and writes. */
  readonly scratch: string;
  readonly nodes: readonly Target[];
  /** What it shows over TLS, and who vouches for it; absent: it speaks without. */
  readonly tls?: ThrowAwayAuthority | undefined;
  readonly guard: Guard;
  /** Takes its end. */
  readonly cleanup: AsyncDisposableStack;
  /** Absent: a free one. */
  readonly port?: number;
}

interface BalancerChoice {
  readonly id: BalancerId;
  readonly tuning: ValueOf<'tuning'>;
  /** What it speaks with clients besides HTTP/1.1. */
  readonly http?: '2';
}

const MOST_COMPLAINTS_SAID = 3;

/** The most frequent ones: `nginx, 12 times: 768 worker_connections are not enough`. */
export function complaintTexts({ child, complaints }: Balancer): string[] {
  return complaints()
    .slice(0, MOST_COMPLAINTS_SAID)
    .map(({ text, count }) => `${child.name}, ${count === 1 ? 'once' : `${count} times`}: ${text}`);
}

/** Which balancer a variant has, and how it is set up; undefined where clients reach the nodes themselves. */
export function balancerOf({
  balancer = 'none',
  tuning = DIMENSIONS.tuning.usual,
  http = DIMENSIONS.http.usual,
}: DimensionValues): BalancerChoice | undefined {
  return balancer === 'none' ? undefined : { id: balancer, tuning, ...(http === '2' && { http }) };
}

/** Throws `missing-program`. */
export function requireBalancer(id: BalancerId): string {
  const { program, getIt } = BALANCERS[id];
  const path = findProgram(program);
  if (path !== undefined) return path;
  throw new Failure('missing-program', `no ${program}: install it (${getIt}), or leave out --balancer ${id}`);
}

/** As it says it itself; null where it cannot be asked. */
export async function versionOf(id: BalancerId): Promise<string | null> {
  const path = findProgram(BALANCERS[id].program);
  if (path === undefined) return null;
  try {
    // One of them says it on standard error.
    const text = await readOutput(['/bin/sh', '-c', 'exec "$0" -v 2>&1', path], CHECK_TIMEOUT_MS);
    return text.split('\n')[0] ?? null;
  } catch {
    return null;
  }
}

const READY_WITHIN_MS = 10_000;
const CHECK_TIMEOUT_MS = 5000;
const LOOK_EVERY_MS = 5;
/** More are no help to a balancer, and cost it memory. */
const MOST_CONNECTIONS = 65_536;

/** Starts a balancer in front of nodes; resolves when it takes connections. Rejects with why it does not. */
export async function startBalancer({ id, tuning, http }: BalancerChoice, site: BalancerSite): Promise<Balancer> {
  const row = BALANCERS[id];
  const program = requireBalancer(id);
  const target = {
    host: site.host.address,
    port: site.port ?? (await freePort()),
    ...(site.tls !== undefined && { authority: site.tls.authority }),
  };
  const folder = join(site.scratch, 'balancer');
  const file = join(folder, 'settings');
  await mkdir(folder);
  await using identity = site.tls === undefined ? undefined : await identityFile(folder, site.tls);
  await writeFile(
    file,
    await settingsFor(id, tuning, {
      ...settingsPlace(site, { folder, target, identity: identity?.path }),
      ...(http !== undefined && http2Words(identity?.path)),
    }),
  );
  await checkSettings([...site.host.enter, program, ...row.check(file, folder)], row.files[tuning]);
  const words = new Words();
  const child: BalancerChild = startChild(
    {
      name: row.label,
      command: [program, ...row.run(file, folder)],
      isForeign: true,
      host: site.host,
      cores: site.cores,
      onOutput: (text) => words.add(text),
      lastWords: () => words.first,
    },
    site.guard.report,
  );
  site.cleanup.defer(async () => child.killAll());
  await awaitListening(child, target, site);
  return { target, child, complaints: () => words.complaints };
}

interface IdentityFile extends AsyncDisposable {
  readonly path: string;
}

/**
 * Certificate and key in one file, for its owner alone. Both programs read it before they listen and never again, nor do workers that
 * nginx starts later: it goes as soon as one listens, so that no key stays on disk where this process is killed.
 */
async function identityFile(folder: string, { server }: ThrowAwayAuthority): Promise<IdentityFile> {
  const path = join(folder, 'identity.pem');
  await writeFile(path, `${server.certificate}\n${server.key}\n`, { mode: 0o600 });
  return { path, [Symbol.asyncDispose]: async () => rm(path, { force: true }) };
}

function http2Words(identity: string | undefined): Pick<BalancerPlace, 'http2' | 'alpn'> {
  return { http2: 'http2', ...(identity !== undefined && { alpn: 'h2,http/1.1' }) };
}

function settingsPlace(
  { nodes, cores }: BalancerSite,
  {
    folder,
    target,
    identity,
  }: { readonly folder: string; readonly target: Target; readonly identity: string | undefined },
): BalancerPlace {
  const connections = Math.min(MOST_CONNECTIONS, usableDescriptors());
  return {
    listen: addressOf(target),
    nodes: nodes.map(addressOf),
    folder,
    ...(identity !== undefined && { identity }),
    workers: cores.length === 0 ? allowedCores().length : cores.length,
    clients: connections >> 1,
    connections,
  };
}

function addressOf({ host, port }: Target): string {
  return `${host}:${port}`;
}

/** Better asked before than read out of how it ended. */
async function checkSettings(command: readonly string[], file: URL): Promise<void> {
  try {
    await readOutput(command, CHECK_TIMEOUT_MS);
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    const reason = new Words(said).first || errorMessage(error);
    throw new Failure('balancer-not-ready', `${fileURLToPath(file)} is refused: ${reason}; mend that file`, {
      cause: error,
    });
  }
}

async function awaitListening(child: BalancerChild, target: Target, { guard }: BalancerSite): Promise<void> {
  const over = new AbortController();
  const listening = async (): Promise<void> => {
    while (!over.signal.aborted && !(await isListening(child.pid, target))) await setTimeout(LOOK_EVERY_MS);
  };
  try {
    await guard.wait(listening(), {
      ms: READY_WITHIN_MS,
      code: 'balancer-not-ready',
      message: `${child.name} did not listen within ${READY_WITHIN_MS / 1000} s; is the machine overloaded?`,
    });
  } finally {
    over.abort();
  }
}

/** That somebody takes connections there does not say that it is this one. */
async function isListening(pid: number, target: Target): Promise<boolean> {
  try {
    const own = new Set(readdirSync(`/proc/${pid}/fd`).map((name) => linkOf(`/proc/${pid}/fd/${name}`)));
    return listenersAt(target, readFileSync(`/proc/${pid}/net/tcp`, 'utf8')).some((inode) =>
      own.has(`socket:[${inode}]`),
    );
  } catch (error) {
    // It has gone, or no system of ours is without /proc but macOS.
    return process.platform !== 'linux' && systemErrorCode(error) === 'ENOENT' && takesConnections(target);
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // It was closed meanwhile.
    return '';
  }
}

async function takesConnections({ host, port }: Target): Promise<boolean> {
  const socket = connect(port, host);
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

const LISTENS = '0A';

/** The inodes of what listens there, of the text of /proc/net/tcp: addresses in the byte order of this machine, in hexadecimal. */
function listenersAt({ host, port }: Target, table: string): string[] {
  const bytes = host.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  const local = `${bytes.toReversed().join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[1] === local && fields[3] === LISTENS ? (fields[9] ?? []) : [];
  });
}

/** What is before the words in a line of nginx' log or HAProxy's: times, process ids, numbers of connections. */
const PREAMBLE =
  /^(?:nginx: )?(?:[\d/]+ [\d:]+ )?(?:\[NOTICE\].*|\[(?:\w+)\]\s*)(?:\(?\d+\)?(?:#\d+)?\s*:\s*)?(?:\*\d+ )?/;
/** Its workers give up rights of root, of which a user namespace has none to give up. */
const OF_NAMESPACES = /^initgroups\(/;
const MOST_COMPLAINTS = 100;

/** What a balancer says, a line each. */
class Words {
  readonly #counts = new Map<string, number>();
  #rest = '';

  constructor(text = '') {
    this.add(`${text}\n`);
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const words = line
        .trim()
        .replace(PREAMBLE, '')
        .replace(/, client: .*/, '');
      if (
        words === '' ||
        OF_NAMESPACES.test(words) ||
        (!this.#counts.has(words) && this.#counts.size >= MOST_COMPLAINTS)
      )
        continue;
      this.#counts.set(words, (this.#counts.get(words) ?? 0) + 1);
    }
  }

  get first(): string {
    return this.#counts.keys().next().value ?? '';
  }

  get complaints(): Complaint[] {
    return [...this.#counts].map(([text, count]) => ({ text, count })).toSorted((a, b) => b.count - a.count);
  }
}
