import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import type { TransportId } from '../registry.ts';
import { openTestServer, writePieces } from '../testing/test-server.ts';
import { subscribe, type Told } from '../testing/test-subscriber.ts';

/**
 * What a server says to each request, one after the other; after the last it closes, and says nothing to any other. All but the
 * last must be whole, for the client to go on.
 */
export type Script = readonly ((request: string) => Buffer)[];

/** What a subscriber made of it. */
export interface Played {
  readonly told: readonly Told[];
  readonly end: SessionEnd;
}

export interface Playing {
  readonly transport: TransportId;
  readonly values?: DimensionValues;
  readonly script: Script;
  /** Where to cut what is said to a request of so many bytes; ascending. */
  readonly cuts: (length: number) => readonly number[];
}

const MOST_MS = 15_000;

/** Plays a script to the client half of a transport, whose session must end by itself, once, and be silent then. */
export async function play({ transport, values = {}, script, cuts }: Playing): Promise<Played> {
  let next = 0;
  await using server = await openTestServer((socket, request) => {
    const say = script[next];
    next += 1;
    if (say === undefined) {
      socket.end();
      return;
    }
    const bytes = say(request);
    const isLast = next === script.length;
    void writePieces(socket, bytes, [...cuts(bytes.length), bytes.length]).then(() => {
      if (isLast) socket.end();
    });
  });
  const subscriber = await within(subscribe({ transport, values, port: server.port }));
  await within(subscriber.until(({ end }) => end !== undefined));
  const { end, told } = subscriber;
  if (end === undefined) throw new Error('the session did not end');
  const before = told.length;
  for (let turn = 0; turn < 3; turn++) await setImmediate();
  if (told.length !== before) throw new Error('something was told after the end');
  return { told, end };
}

async function within<T>(wait: Promise<T>): Promise<T> {
  const patience = new AbortController();
  const hang = sleep(MOST_MS, undefined, { signal: patience.signal }).then(() => {
    throw new Error(`the session hangs: nothing ended it in ${MOST_MS} ms`);
  });
  hang.catch(() => undefined);
  try {
    return await Promise.race([wait, hang]);
  } finally {
    patience.abort();
  }
}
