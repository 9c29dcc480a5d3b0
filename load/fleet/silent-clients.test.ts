import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { NodeCommand, NodeReport } from '../../servers/node/node-messages.ts';
import { NODE_PROGRAM } from '../../servers/registry.ts';
import { type Child, nodeProgram, startChild } from '../machine/child.ts';
import type { Host } from '../machine/host.ts';
import { type Network, openNetwork } from '../machine/network.ts';
import { readOutput } from '../machine/programs.ts';

/** Clients that are gone without a word: how soon their node knows, in two network namespaces. */

const HEARTBEAT_MS = 2000;
/** Timers are late, and a program has to ask. */
const MOST_MS = 2 * HEARTBEAT_MS + 500;

/** One client a door, each with a name, which hears all that it is told. */
const CLIENTS = `
const [base] = process.argv.slice(1);
async function poll() {
  for (;;) await (await fetch(base + '/next?since=0&channels=room:1&user=long-polling')).text();
}
async function listen() {
  const answer = await fetch(base + '/events?channels=room:1&user=sse');
  for await (const part of answer.body);
}
poll().catch(() => undefined);
listen().catch(() => undefined);`;

/** Says who is online, whenever that changes. */
const WATCHER = `
const [base] = process.argv.slice(1);
let last = '';
for (;;) {
  const { users } = await (await fetch(base + '/presence')).json();
  const told = users.toSorted().join(' ');
  if (told !== last) console.log(last = told);
  await new Promise((resolve) => setTimeout(resolve, 10));
}`;

interface Stand extends AsyncDisposable {
  readonly clients: Child<object, { kind: string }>;
  /** Resolves with the moment at which exactly these are online. */
  untilOnline(users: string): Promise<number>;
}

async function openStand({ serverHost, clientHost }: Network): Promise<Stand> {
  const stack = new AsyncDisposableStack();
  const started = <Command extends object, Report extends { kind: string }>(
    host: Host,
    command: readonly string[],
    onOutput: (text: string) => void = () => undefined,
  ): Child<Command, Report> => {
    const [name = ''] = command;
    const child = startChild<Command, Report>({ name, command, host, cores: [], onOutput }, (error) => {
      throw error;
    });
    stack.defer(async () => child.kill());
    return child;
  };
  const node = started<NodeCommand, NodeReport>(serverHost, nodeProgram(fileURLToPath(NODE_PROGRAM)));
  const options = { host: serverHost.address, heartbeatMs: HEARTBEAT_MS };
  node.send({ kind: 'open', options: { transports: ['sse', 'long-polling'], ...options } });
  const { port } = await node.next('ready');
  const base = `http://${serverHost.address}:${port}`;
  const program = (text: string): string[] => [process.execPath, '--input-type=module', '-e', text, base];
  const told = new EventEmitter();
  const seen = { online: '' };
  started(serverHost, program(WATCHER), (text) => {
    seen.online = text.trim().split('\n').at(-1) ?? '';
    told.emit('online');
  });
  return {
    clients: started(clientHost, program(CLIENTS)),
    untilOnline: async (users) => {
      while (seen.online !== users) await once(told, 'online');
      return monotonicNs();
    },
    [Symbol.asyncDispose]: async () => stack.disposeAsync(),
  };
}

describe('a client that is gone without a word is found within two heartbeats', () => {
  test.concurrent('where it is cut off', REAL_TIME, async (context) => {
    await using network = await openNetwork();
    context.skip(network.readWire === undefined, network.note);
    await using stand = await openStand(network);
    await stand.untilOnline('long-polling sse');
    const { enter, address } = network.clientHost;
    const cutNs = monotonicNs();
    await readOutput([...enter, 'ip', 'address', 'flush', 'to', `${address}/32`], 5000);
    const foundNs = await stand.untilOnline('');
    expect((foundNs - cutNs) / NS_PER_MS).toBeLessThan(MOST_MS);
  });

  test.concurrent('where it stands still, and is to ask again', REAL_TIME, async (context) => {
    await using network = await openNetwork();
    context.skip(network.readWire === undefined, network.note);
    await using stand = await openStand(network);
    await stand.untilOnline('long-polling sse');
    const stoppedNs = monotonicNs();
    process.kill(stand.clients.pid, 'SIGSTOP');
    // The system of one that only listens acknowledges for it what is said: only an answer of its own could tell.
    const foundNs = await stand.untilOnline('sse');
    expect((foundNs - stoppedNs) / NS_PER_MS).toBeLessThan(MOST_MS);
  });
});
