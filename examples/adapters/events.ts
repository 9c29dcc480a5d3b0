import type { Adapter } from 'feedbench/adapter';

interface Tick {
  readonly n: number;
  /** Seconds since 1970, by the server's clock. */
  readonly at: number;
}

/** Server-Sent Events of a server that makes its own feed and numbers it. Whoever asks `/time` is told its time. */
export const adapter: Adapter = {
  label: 'ticks from Python',
  by: 'events',
  read: ({ event, text }) => {
    if (event !== 'tick') return undefined;
    const { n, at } = JSON.parse(text) as Tick;
    return { seq: n, sentAtMs: at * 1000 };
  },
  clock: async ({ url }) => {
    const answer = await fetch(new URL('/time', url));
    return Number(await answer.text()) * 1000;
  },
};
