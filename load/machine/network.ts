import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { errorMessage } from '../../scenarios/failures.ts';
import { findProgram, plainEnvironment, readOutput } from './programs.ts';

/** A machine of the benchmark: where its servers listen, and the words before a command that run it there. */
export interface Host {
  readonly address: string;
  readonly enter: readonly string[];
}

/** Totals since the network was opened. */
export interface WireCounters {
  readonly bytesDown: number;
  readonly bytesUp: number;
  readonly packetsDown: number;
  readonly packetsUp: number;
  readonly backplaneBytes: number;
}

/** What crossed the wire between two readings, both ways; null where there is no wire of its own. */
export function wireBytesBetween(before: WireCounters | undefined, after: WireCounters | undefined): number | null {
  if (before === undefined || after === undefined) return null;
  return after.bytesDown - before.bytesDown + (after.bytesUp - before.bytesUp);
}

export interface Network extends AsyncDisposable {
  readonly serverHost: Host;
  readonly clientHost: Host;
  /** Undefined where there is no wire of its own to count on; `note` says why, or what it is. */
  readonly readWire: (() => WireCounters) | undefined;
  readonly note: string;
  /** How many connections the client host can have to one address and port. */
  readonly portsPerTarget: number;
  /** Absent where there is no wire of its own to cut. */
  readonly link?: Link;
}

interface Link {
  /** What either host sends is lost from here on, and neither is told. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** 198.18.0.0/15 is set aside for benchmarks of network devices (RFC 2544). */
const CLIENT_ADDRESS = '198.18.0.1';
const SERVER_ADDRESS = '198.18.0.2';
const CLIENT_LINK = 'fb-client';
const SERVER_LINK = 'fb-server';
const SET_UP_TIMEOUT_MS = 5000;

export function loopbackNetwork(note: string): Network {
  const host: Host = { address: '127.0.0.1', enter: [] };
  return {
    serverHost: host,
    clientHost: host,
    readWire: undefined,
    note,
    portsPerTarget: portsOfMachine(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/**
 * Two private network namespaces joined by a veth pair, in a user namespace of their own, so that no root is needed.
 * They live as long as two `cat`s that read from pipes of this process: nothing is left behind however it ends. Falls
 * back to loopback, with the reason, where the system does not allow it.
 */
export async function openNetwork(): Promise<Network> {
  const missing = ['unshare', 'nsenter', 'ip'].find((program) => findProgram(program) === undefined);
  if (missing !== undefined) return loopbackNetwork(`no private network: ${missing} is not installed`);
  const holders: ChildProcess[] = [];
  try {
    const client = await holdNamespace(['unshare', '--user', '--map-root-user', '--net'], holders);
    const server = await holdNamespace([...entering(client), 'unshare', '--net'], holders);
    await joinHosts(client, server);
    return namespaceNetwork({ client, server, ports: await widenPorts(client) }, holders);
  } catch (error) {
    await release(holders);
    return loopbackNetwork(`no private network: ${firstLine(error)}`);
  }
}

function namespaceNetwork(
  { client, server, ports }: { client: number; server: number; ports: PortRange },
  holders: readonly ChildProcess[],
): Network {
  return {
    clientHost: { address: CLIENT_ADDRESS, enter: entering(client) },
    serverHost: { address: SERVER_ADDRESS, enter: entering(server) },
    readWire: () => {
      const link = readInterface(client, CLIENT_LINK);
      return {
        bytesDown: link.receivedBytes,
        bytesUp: link.sentBytes,
        packetsDown: link.receivedPackets,
        packetsUp: link.sentPackets,
        backplaneBytes: readInterface(server, 'lo').receivedBytes,
      };
    },
    note: `a veth pair between two private network namespaces, MTU 1500, no segmentation offload, client ports ${ports.first} to ${ports.last}`,
    portsPerTarget: portCount(ports),
    link: linkBetween(client, server),
    [Symbol.asyncDispose]: async () => release(holders),
  };
}

/** Starts a `cat` in a namespace made by `words`; resolves with its process id once the namespace is there. */
async function holdNamespace(words: readonly string[], holders: ChildProcess[]): Promise<number> {
  const [program, ...parameters] = [...words, 'cat'];
  const holder = spawn(program, parameters, {
    detached: true,
    env: plainEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  holders.push(holder);
  await new Promise<void>((resolve, reject) => {
    let complaint = '';
    holder.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    holder.once('error', reject);
    holder.once('exit', () =>
      reject(new Error(complaint.trim() === '' ? `${program} ended at once` : complaint.trim())),
    );
    // What comes back has passed through the namespace: it is there.
    holder.stdout.once('data', () => resolve());
    holder.stdin.on('error', () => undefined);
    holder.stdin.write('ready\n');
  });
  if (holder.pid === undefined) throw new Error(`${program} has no process id`);
  return holder.pid;
}

function entering(pid: number): readonly string[] {
  return ['nsenter', '--preserve-credentials', `--user=/proc/${pid}/ns/user`, `--net=/proc/${pid}/ns/net`, '--'];
}

async function joinHosts(client: number, server: number): Promise<void> {
  // One segment a packet: with segmentation offload a message of many packets would be counted as one.
  const noOffload = ['gso_max_segs', '1'];
  await inside(client, [
    'ip',
    'link',
    'add',
    CLIENT_LINK,
    ...noOffload,
    'type',
    'veth',
    'peer',
    'name',
    SERVER_LINK,
    ...noOffload,
  ]);
  await inside(client, ['ip', 'link', 'set', SERVER_LINK, 'netns', String(server)]);
  for (const [pid, link, address] of [
    [client, CLIENT_LINK, CLIENT_ADDRESS],
    [server, SERVER_LINK, SERVER_ADDRESS],
  ] as const) {
    // No IPv6 address, so no neighbour discovery in the counters.
    await inside(pid, ['ip', 'link', 'set', link, 'addrgenmode', 'none']);
    await inside(pid, ['ip', 'address', 'add', `${address}/30`, 'dev', link]);
    await inside(pid, ['ip', 'link', 'set', 'lo', 'up']);
    await inside(pid, ['ip', 'link', 'set', link, 'up']);
  }
}

/** Nobody has this one (locally administered): what goes to it is sent, and lost. */
const NOBODY = '02:00:00:00:00:fe';

/** Each host takes the other for somebody who is not there. Routes and addresses stay, so no connection is told. */
function linkBetween(client: number, server: number): Link {
  const ends = [
    { pid: client, link: CLIENT_LINK, peer: SERVER_ADDRESS },
    { pid: server, link: SERVER_LINK, peer: CLIENT_ADDRESS },
  ];
  const neighbour = async (words: (end: (typeof ends)[number]) => readonly string[]): Promise<void> => {
    await Promise.all(ends.map(async (end) => inside(end.pid, ['ip', 'neighbour', ...words(end)])));
  };
  return {
    cut: async () =>
      neighbour(({ peer, link }) => ['replace', peer, 'lladdr', NOBODY, 'nud', 'permanent', 'dev', link]),
    mend: async () => neighbour(({ peer, link }) => ['delete', peer, 'dev', link]),
  };
}

async function inside(pid: number, command: readonly string[]): Promise<string> {
  return readOutput([...entering(pid), ...command], SET_UP_TIMEOUT_MS);
}

interface PortRange {
  readonly first: number;
  readonly last: number;
}

const PORT_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';
/** Where the system does not tell its range: that of IANA, which macOS has too. */
const ASSUMED_PORTS: PortRange = { first: 49_152, last: 65_535 };
/** Nobody listens on the client host, so its clients may have every port that is not reserved. */
const WIDEST_PORTS = '1024 65535';

/**
 * The kernel's own range is 28,232 ports, and beyond the half of it each connect to one address searches long for a free
 * one. Where /proc/sys may not be written, it stays as it is.
 */
async function widenPorts(client: number): Promise<PortRange> {
  const script = `echo ${WIDEST_PORTS} 2>/dev/null >${PORT_RANGE}; cat ${PORT_RANGE}`;
  return parsePortRange(await inside(client, ['sh', '-c', script]));
}

/** How many connections this machine's own addresses can have to one address and port. */
export function portsOfMachine(): number {
  try {
    return portCount(parsePortRange(readFileSync(PORT_RANGE, 'utf8')));
  } catch {
    return portCount(ASSUMED_PORTS);
  }
}

function parsePortRange(text: string): PortRange {
  const [first = ASSUMED_PORTS.first, last = ASSUMED_PORTS.last] = text.trim().split(/\s+/).map(Number);
  return { first, last };
}

function portCount({ first, last }: PortRange): number {
  return last - first + 1;
}

async function release(holders: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    holders.map(async (holder) => {
      if (holder.exitCode !== null || holder.signalCode !== null || holder.pid === undefined) return;
      const gone = new Promise<void>((resolve) => {
        holder.once('exit', () => resolve());
      });
      holder.kill('SIGKILL');
      await gone;
    }),
  );
}

interface InterfaceCounters {
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
}

function readInterface(pid: number, name: string): InterfaceCounters {
  const counters = parseInterface(readFileSync(`/proc/${pid}/net/dev`, 'utf8'), name);
  if (counters === undefined) throw new Error(`the interface ${name} is gone`);
  return counters;
}

/** One interface of the text of /proc/net/dev. */
export function parseInterface(text: string, name: string): InterfaceCounters | undefined {
  const line = text.split('\n').find((candidate) => candidate.trimStart().startsWith(`${name}:`));
  const fields = line
    ?.slice(line.indexOf(':') + 1)
    .trim()
    .split(/\s+/)
    .map(Number);
  if (fields === undefined) return undefined;
  const [receivedBytes = 0, receivedPackets = 0, , , , , , , sentBytes = 0, sentPackets = 0] = fields;
  return { receivedBytes, receivedPackets, sentBytes, sentPackets };
}

function firstLine(error: unknown): string {
  const text =
    error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== ''
      ? error.stderr
      : errorMessage(error);
  return text.trim().split('\n')[0] ?? '';
}
