import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type Child, nodeProgram, startChild } from '../load/machine/child.ts';
import type { Host } from '../load/machine/host.ts';
import { openNetwork } from '../load/machine/network.ts';
import { monotonicNs } from '../scenarios/clock.ts';
import { REAL_TIME } from '../scenarios/testing/conditions.ts';
import type { NodeCommand, NodeReport } from '../servers/node/node-messages.ts';
import { NODE_PROGRAM, TRANSPORT_IDS, transportRow } from '../servers/registry.ts';
import { Witness } from '../servers/testing/test-witness.ts';
import type { MemberOrder, MemberReport } from './testing/member-process.ts';

/** Clients that are gone without a word, each in a process of its own, across a network of its own. */

/** Those whose clients hold a connection, and of these the ones that find who stands still: its system goes on to acknowledge. */
const HELD = TRANSPORT_IDS.filter((transport) => transportRow(transport).cadence !== 'interval');
const ANSWERING = HELD.filter((transport) => transportRow(transport).exemptions?.['half-open'] === undefined);
const HEARTBEAT_MS = 700;
/** Two intervals, and what a busy machine takes. */
const FOUND_WITHIN_MS = 2 * HEARTBEAT_MS + 400;

const execute = promisify(execFile);

/** When each user left, in nanoseconds of the monotonic clock. */
class Presence extends Witness {
  readonly joined = new Set<string>();
  readonly leftNs = new Map<string, number>();

  hear({ type, user }: { readonly type: string; readonly user: string }): void {
    if (type === 'user_joined') this.joined.add(user);
    else this.leftNs.set(user, monotonicNs());
    this.changed();
  }
}

function start<Command, Report extends { readonly kind: string }>(
  stack: AsyncDisposableStack,
  host: Host,
  program: string,
): Child<Command, Report> {
  const options = { name: 'a process of this test', command: nodeProgram(program), host, cores: [] };
  const child = startChild<Command, Report>(options, () => undefined);
  stack.defer(async () => child.kill());
  return child;
}

test('who is stopped, or cut off, is found within two heartbeats', REAL_TIME, async (context) => {
  await using stack = new AsyncDisposableStack();
  const network = stack.use(await openNetwork());
  const { serverHost, clientHost } = network;
  context.skip(network.readWire === undefined, network.note);
  const node = start<NodeCommand, NodeReport>(stack, serverHost, fileURLToPath(NODE_PROGRAM));
  const ready = node.next('ready');
  const bounds = { heartbeatMs: HEARTBEAT_MS, awayMs: HEARTBEAT_MS };
  node.send({ kind: 'open', options: { transports: [...HELD], host: serverHost.address, ...bounds } });
  const { port } = await ready;
  const presence = new Presence();

  function enter(host: Host, order: Omit<MemberOrder, 'host' | 'port'>): Child<MemberOrder, MemberReport> {
    const program = fileURLToPath(new URL('testing/member-process.ts', import.meta.url));
    const member = start<MemberOrder, MemberReport>(stack, host, program);
    member.send({ ...order, host: serverHost.address, port });
    return member;
  }

  const observer = enter(serverHost, { transport: 'websocket', user: 'observer', channels: ['presence'] });
  observer.onReport((report) => {
    if (report.kind === 'heard') presence.hear(report.data as { type: string; user: string });
  });
  const stopped = ANSWERING.map((transport) =>
    enter(clientHost, { transport, user: `stopped-${transport}`, channels: [] }),
  );
  for (const transport of HELD) enter(clientHost, { transport, user: `cut-${transport}`, channels: [] });
  const users = {
    stopped: ANSWERING.map((transport) => `stopped-${transport}`),
    cut: HELD.map((transport) => `cut-${transport}`),
  };
  await presence.until(({ joined }) => [...users.stopped, ...users.cut].every((user) => joined.has(user)));

  for (const { pid } of stopped) process.kill(pid, 'SIGSTOP');
  const stoppedNs = monotonicNs();
  await presence.until(({ leftNs }) => users.stopped.every((user) => leftNs.has(user)));
  const [first, ...others] = [...clientHost.enter, 'ip', 'address', 'flush', 'to', clientHost.address];
  await execute(first, others);
  const cutNs = monotonicNs();
  await presence.until(({ leftNs }) => users.cut.every((user) => leftNs.has(user)));

  const tookMs = Object.entries({ stopped: stoppedNs, cut: cutNs }).flatMap(([way, sinceNs]) =>
    users[way as keyof typeof users].map((user) => [user, ((presence.leftNs.get(user) ?? 0) - sinceNs) / 1e6] as const),
  );
  expect(tookMs.filter(([, ms]) => ms < 0 || ms > FOUND_WITHIN_MS)).toEqual([]);
});
