import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { WebSocket } from 'ws';
import { type TransportId, transportRow } from '../registry.ts';

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
  const told = await ask(question);
  return told.map((one) => (typeof one === 'object' && one !== null && 'seq' in one ? one.seq : one));
}

async function ask({ transport, port, query, entries }: Question): Promise<unknown[]> {
  const { path, connectsBy, cadence, greeting } = transportRow(transport);
  const asked = [greeting?.query ?? '', query.slice(1)].filter((part) => part !== '').join('&');
  const place = `127.0.0.1:${port}${path}?${asked}`;
  switch (connectsBy) {
    case 'upgrade':
      return listen(`ws://${place}`, entries, greeting?.says);
    case 'events':
    case 'fetch':
    case 'xhr':
      return cadence === 'push' ? readOn(`http://${place}`, entries) : askOnce(`http://${place}`);
    default:
      return connectsBy satisfies never;
  }
}

/** The answer is a list. */
async function askOnce(url: string): Promise<unknown[]> {
  const answer = await fetch(url);
  return (await answer.json()) as unknown[];
}

/** The answer goes on, an entry a line. */
async function readOn(url: string, entries: number): Promise<unknown[]> {
  const answer = await fetch(url);
  const told: unknown[] = [];
  if (answer.body === null) return told;
  for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
    told.push(...entriesIn(line));
    if (told.length === entries) break;
  }
  await answer.body.cancel().catch(() => undefined);
  return told;
}

async function listen(url: string, entries: number, greeting?: string): Promise<unknown[]> {
  const told: unknown[] = [];
  const client = new WebSocket(url);
  if (greeting !== undefined) client.once('open', () => client.send(greeting));
  client.on('message', (data: Buffer) => {
    told.push(...entriesIn(data.toString()));
    if (told.length === entries) client.close();
  });
  await once(client, 'close');
  return told;
}

/** What may stand before and behind an entry, and whatever is none, is of the transport. */
function entriesIn(text: string): unknown[] {
  const begin = text.search(/\{"(seq|notice)":/);
  return begin < 0 ? [] : [JSON.parse(text.slice(begin, text.lastIndexOf('}') + 1))];
}
