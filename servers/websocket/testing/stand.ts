import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { MemoryConversation } from '../../backplane/memory-conversation.ts';
import { Log } from '../../feed/log.ts';
import type { Admission, Refusal, Verifier } from '../../hub/admission.ts';
import { Hub } from '../../hub/hub.ts';
import { bodyOf } from '../../testing/test-subscriber.ts';
import { Witness } from '../../testing/test-witness.ts';
import type { DoorOptions, TakeUpgrade } from '../../transport.ts';
import { openDoor } from '../server.ts';

/** Admits `good:ann`, and `dies:ann` for a short while; `slow:ann` once it is let go, and `fault` is ours. */
export class TestVerifier extends Witness implements Verifier {
  readonly slow = Promise.withResolvers<undefined>();
  readonly asked: string[] = [];

  async verify(token: string): Promise<Admission> {
    this.asked.push(token);
    this.changed();
    const [kind = '', user] = token.split(':');
    const admitted = (expiresAtMs?: number): Admission => ({ kind: 'admitted', identity: { user, expiresAtMs } });
    switch (kind) {
      case 'good':
        return admitted();
      case 'dies':
        return admitted(Date.now() + 150);
      case 'slow':
        await this.slow.promise;
        return admitted();
      case 'old':
        return refused('expired-token');
      case 'fault':
        throw new Error('a fault of the verifier');
      default:
        return refused('bad-token');
    }
  }
}

function refused(refusal: Refusal): Admission {
  return { kind: 'refused', refusal };
}

export interface Stand extends AsyncDisposable {
  readonly port: number;
  readonly verifier: TestVerifier;
  append(data: unknown): void;
  say(channel: string, data: unknown): void;
  drain(): Promise<void>;
}

function openHub(log: Log, append: (body: string) => number, verifier: Verifier | undefined): Hub {
  const conversation = new MemoryConversation({
    mostSenders: 1000,
    append,
    latest: () => log.latest,
    onSignal: (signal) => hub.tell(signal),
  });
  const hub: Hub = new Hub({ log, conversation, newest: undefined, verifier, awayMs: 60_000 });
  return hub;
}

const BOUNDS = {
  holdMs: 1000,
  sendBufferBytes: 1e6,
  slowMs: 10_000,
  closeMs: 1000,
  heartbeatMs: 30_000,
  authMs: 5000,
  sharedForMs: 1000,
};

/** The door on a server and a hub of its own, which wants tokens where options of it are given. */
export async function openStand({
  wantsTokens = false,
  ...given
}: Partial<DoorOptions> & { wantsTokens?: boolean } = {}): Promise<Stand> {
  const app = Fastify();
  const log = new Log({ messages: 10_000, bytes: 1e9 });
  const verifier = new TestVerifier();
  const append = (body: string): number => {
    log.append(log.latest + 1, body);
    return log.latest;
  };
  const hub = openHub(log, append, wantsTokens ? verifier : undefined);
  const door = openDoor({
    app,
    log,
    hub,
    options: { values: {}, ...BOUNDS, ...given },
    feedIdentity: 'test',
    onSlowConsumer: () => undefined,
    isBeyond: () => false,
    onOriginRead: () => undefined,
    onUpgrade: (_path: string, take: TakeUpgrade) =>
      app.server.on('upgrade', (request, socket, head) => void take(request, socket, head)),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  let n = 0;
  return {
    port: (app.server.address() as AddressInfo).port,
    verifier,
    append: (data) => void append(bodyOf(data)),
    say: (channel, data) => {
      n += 1;
      void hub.obey({ user: 'somebody', expiresAtMs: undefined }, { type: 'send', channel, data: data as string, n });
    },
    drain: async () => door.drain('for-good'),
    [Symbol.asyncDispose]: async () => {
      verifier.slow.resolve(undefined);
      await door.drain('for-good');
      await app.close();
    },
  };
}
