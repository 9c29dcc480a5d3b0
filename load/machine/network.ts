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

/** Totals between a balancer and the servers since the network was opened. */
export interface UpstreamCounters {
  readonly bytesDown: number;
  readonly bytesUp: number;
  /** Opened by the balancer, or tried to. */
  readonly connections: number;
}

export interface Network extends AsyncDisposable {
  readonly serverHost: Host;
  readonly clientHost: Host;
  /** What clients connect to: a host between them and the servers where there is one, and otherwise the server host. */
  readonly edgeHost: Host;
  /** Absent where there is no host between, or no wire of its own behind it. */
  readonly readUpstream?: () => UpstreamCounters;
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

/** What a network is asked to be. */
interface NetworkShape {
  /** Whether there is a host between clients and servers. */
  readonly hasEdge?: boolean;
}

/** 198.18.0.0/15 is set aside for benchmarks of network devices (RFC 2544). Clients find what they connect to at the second. */
const CLIENT_ADDRESS = '198.18.0.1';
const PEER_ADDRESS = '198.18.0.2';
const UPSTREAM_ADDRESS = '198.18.0.5';
const BEHIND_EDGE_ADDRESS = '198.18.0.6';
const CLIENT_LINK = 'fb-client';
const EDGE_LINK = 'fb-edge';
const UPSTREAM_LINK = 'fb-upstream';
const SERVER_LINK = 'fb-server';
const SET_UP_TIMEOUT_MS = 5000;

export function loopbackNetwork(note: string): Network {
  const host: Host = { address: '127.0.0.1', enter: [] };
  return {
    serverHost: host,
    clientHost: host,
    edgeHost: host,
    readWire: undefined,
    note,
    portsPerTarget: portsOfMachine(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/**
 * Private network namespaces joined by veth pairs, in a user namespace of their own, so that no root is needed: one for
 * clients, one for servers, and one between them where it `hasEdge`, over which nothing is routed. They live as long as
 * `cat`s that read from pipes of this process: nothing is left behind however it ends. Falls back to loopback, with the
 * reason, where the system does not allow it.
 */
export async function openNetwork({ hasEdge = false }: NetworkShape = {}): Promise<Network> {
  const missing = ['unshare', 'nsenter', 'ip'].find((program) => findProgram(program) === undefined);
  if (missing !== undefined) return loopbackNetwork(`no private network: ${missing} is not installed`);
  const holders: ChildProcess[] = [];
  try {
    const client = await holdNamespace(['unshare', '--user', '--map-root-user', '--net'], holders);
    const nextTo = async (): Promise<number> => holdNamespace([...entering(client), 'unshare', '--net'], holders);
    const server = await nextTo();
    const hosts = { client, server, edge: hasEdge ? await nextTo() : undefined };
    const cables = cablesBetween(hosts);
    await lay(cables.clientCable);
    if (cables.upstreamCable !== undefined) await lay(cables.upstreamCable);
    const ports = await widenPorts(client);
    if (hosts.edge !== undefined) await widenPorts(hosts.edge);
    return namespaceNetwork({ ...hosts, ...cables, ports }, holders);
  } catch (error) {
    await release(holders);
    return loopbackNetwork(`no private network: ${firstLine(error)}`);
  }
}

/** Each host by the process that holds its namespace. */
interface Hosts {
  readonly client: number;
  readonly server: number;
  readonly edge: number | undefined;
}

/** One end of a veth pair. */
interface End {
  readonly pid: number;
  readonly link: string;
  readonly address: string;
}

type Cable = readonly [End, End];

interface Cables {
  readonly clientCable: Cable;
  readonly upstreamCable?: Cable;
}

function cablesBetween({ client, server, edge }: Hosts): Cables {
  const clientEnd = { pid: client, link: CLIENT_LINK, address: CLIENT_ADDRESS };
  if (edge === undefined)
    return { clientCable: [clientEnd, { pid: server, link: SERVER_LINK, address: PEER_ADDRESS }] };
  return {
    clientCable: [clientEnd, { pid: edge, link: EDGE_LINK, address: PEER_ADDRESS }],
    upstreamCable: [
      { pid: edge, link: UPSTREAM_LINK, address: UPSTREAM_ADDRESS },
      { pid: server, link: SERVER_LINK, address: BEHIND_EDGE_ADDRESS },
    ],
  };
}

function namespaceNetwork(
  { client, clientCable, upstreamCable, ports }: Hosts & Cables & { ports: PortRange },
  holders: readonly ChildProcess[],
): Network {
  const [, peer] = clientCable;
  const [upstream, behind] = upstreamCable ?? [undefined, peer];
  return {
    clientHost: { address: CLIENT_ADDRESS, enter: entering(client) },
    edgeHost: { address: peer.address, enter: entering(peer.pid) },
    serverHost: { address: behind.address, enter: entering(behind.pid) },
    readWire: () => {
      const link = readInterface(client, CLIENT_LINK);
      return {
        bytesDown: link.receivedBytes,
        bytesUp: link.sentBytes,
        packetsDown: link.receivedPackets,
        packetsUp: link.sentPackets,
        backplaneBytes: readInterface(behind.pid, 'lo').receivedBytes,
      };
    },
    ...(upstream !== undefined && { readUpstream: () => readUpstream(upstream) }),
    note: `a veth pair between two private network namespaces, MTU 1500, no segmentation offload, client ports ${ports.first} to ${ports.last}${upstream === undefined ? '' : '; another such pair from the host between to the servers'}`,
    portsPerTarget: portCount(ports),
    link: linkOver(clientCable),
    [Symbol.asyncDispose]: async () => release(holders),
  };
}

function readUpstream({ pid, link }: End): UpstreamCounters {
  const { receivedBytes, sentBytes } = readInterface(pid, link);
  return {
    bytesDown: receivedBytes,
    bytesUp: sentBytes,
    // Nobody else connects to anything from there.
    connections: parseActiveOpens(readFileSync(`/proc/${pid}/net/snmp`, 'utf8')),
  };
}

/** Connections that a host has opened, of the text of /proc/net/snmp: a line of names, and one of values below it. */
export function parseActiveOpens(text: string): number {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'))
    .map((line) => line.split(' '));
  const opened = values?.[names?.indexOf('ActiveOpens') ?? -1];
  if (opened === undefined) throw new Error('the system does not tell how many connections were opened');
  return Number(opened);
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

/** One segment a packet: with segmentation offload a message of many packets would be counted as one. */
const NO_OFFLOAD = ['gso_max_segs', '1'];

async function lay([near, far]: Cable): Promise<void> {
  const ends = [near.link, ...NO_OFFLOAD, 'type', 'veth', 'peer', 'name', far.link, ...NO_OFFLOAD];
  await inside(near.pid, ['ip', 'link', 'add', ...ends]);
  await inside(near.pid, ['ip', 'link', 'set', far.link, 'netns', String(far.pid)]);
  for (const { pid, link, address } of [near, far]) {
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
function linkOver([near, far]: Cable): Link {
  const ends = [
    { pid: near.pid, link: near.link, peer: far.address },
    { pid: far.pid, link: far.link, peer: near.address },
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
/** Next to nobody listens on a host that connects, so it may have every port that is not reserved. */
const WIDEST_PORTS = '1024 65535';

/**
 * The kernel's own range is 28,232 ports, and beyond the half of it each connect to one address searches long for a free
 * one. Where /proc/sys may not be written, it stays as it is.
 */
async function widenPorts(host: number): Promise<PortRange> {
  const script = `echo ${WIDEST_PORTS} 2>/dev/null >${PORT_RANGE}; cat ${PORT_RANGE}`;
  return parsePortRange(await inside(host, ['sh', '-c', script]));
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
