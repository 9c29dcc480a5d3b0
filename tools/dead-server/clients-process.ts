import { monotonicNs } from '../../scenarios/clock.ts';
import { RECONNECT_POLICIES } from '../../scenarios/reconnect/policy.ts';
import { endInWords, type SessionEnd } from '../../scenarios/session-end.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { Target } from '../../load/generator.ts';
import { librarySession } from '../../load/library/clients.ts';
import { openLasting } from '../../load/workers/lasting-session.ts';
import { headerProfile, type TransportId, transportRow } from '../../servers/registry.ts';
import type { OpenSession, SessionEvents } from '../../servers/transport.ts';

/** A client, and whether it gives up a connection on which nothing comes. */
export interface Client {
  readonly transport: TransportId;
  readonly generator: 'native' | 'library';
  readonly silentMs: number | null;
}

export interface ClientsCommand {
  readonly kind: 'connect';
  readonly target: Target;
  readonly clients: readonly Client[];
}

export type ClientsReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'connected' }
  /** `index` is the client's in the command; `atNs` on the monotonic clock. */
  | { readonly kind: 'noticed'; readonly index: number; readonly atNs: number; readonly words: string };

const POLL_MS = 1000;

function tell(report: ClientsReport): void {
  process.send?.(report);
}

async function connect({ target, clients }: ClientsCommand): Promise<void> {
  await Promise.all(clients.map(async (client, index) => open(client, index, target)));
  tell({ kind: 'connected' });
}

/** Resolves when it is connected. Its first end is what it has noticed. */
async function open({ transport, generator, silentMs }: Client, index: number, target: Target): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isTold = false;
  const noticed = (end: SessionEnd): void => {
    if (!isTold) tell({ kind: 'noticed', index, atNs: monotonicNs(), words: endInWords(end) });
    isTold = true;
  };
  const events: SessionEvents = {
    opened: resolve,
    message: () => undefined,
    notice: () => undefined,
    signal: () => undefined,
    foreign: () => undefined,
    answered: () => undefined,
    reopened: () => undefined,
    lost: noticed,
    dropped: noticed,
  };
  const openSession = generator === 'library' ? await librarySession(transport) : await nativeSession(transport);
  const opening = silentMs === null ? openSession : watched(openSession, silentMs, target);
  opening(
    {
      ...target,
      position: { kind: 'oldest' },
      values: transport === 'socketio' ? { shape: 'websocket' } : {},
      headers: headerProfile('browser'),
      poll: { originNs: monotonicNs(), intervalNs: POLL_MS * NS_PER_MS },
    },
    events,
  );
  await promise;
}

async function nativeSession(transport: TransportId): Promise<OpenSession> {
  return (await transportRow(transport).client()).openSession;
}

function watched(openSession: OpenSession, silentMs: number, target: Target): OpenSession {
  return openLasting(openSession, {
    policy: RECONNECT_POLICIES.bare,
    random: Math.random,
    targets: [target],
    silentMs,
  });
}

process.once('disconnect', () => process.exit(0));
process.on('message', (command: ClientsCommand) => void connect(command));
tell({ kind: 'ready' });
