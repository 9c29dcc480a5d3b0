import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { TransportId } from '../registry.ts';

interface Question {
  readonly transport: TransportId;
  readonly port: number;
  /** Empty, or with its question mark. */
  readonly query: string;
  /** How many entries are awaited. */
  readonly entries: number;
}

/** What a client gets that somebody typed in, none of ours: a message as its number, a notice as it is. */
export async function askByHand(question: Question): Promise<unknown[]> {
  const told = await ASK[question.transport](question);
  return told.map((one) => (typeof one === 'object' && one !== null && 'seq' in one ? one.seq : one));
}

type Ask = (question: Question) => Promise<unknown[]>;

const ASK: Readonly<Record<TransportId, Ask>> = { polling: askOnce, 'long-polling': askOnce, websocket: listen };

async function askOnce({ port, query }: Question): Promise<unknown[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/messages${query}`);
  return (await answer.json()) as unknown[];
}

async function listen({ port, query, entries }: Question): Promise<unknown[]> {
  const told: unknown[] = [];
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws${query}`);
  client.on('message', (data: Buffer) => {
    told.push(JSON.parse(data.toString()));
    if (told.length === entries) client.close();
  });
  await once(client, 'close');
  return told;
}
