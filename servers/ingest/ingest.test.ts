import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Failure } from '../../scenarios/failures.ts';
import { Witness } from '../testing/test-witness.ts';
import { type IngestClient, openIngestClient } from './client.ts';
import { type Ingest, openIngest } from './server.ts';

/** What a node would do with a body, decided by the test. */
class Taker extends Witness {
  readonly bodies: string[] = [];
  append: (body: string) => Promise<number> = async () => this.bodies.length;

  readonly take = async (body: string): Promise<number> => {
    this.bodies.push(body);
    this.changed();
    return this.append(body);
  };
}

class Publisher extends Witness {
  readonly answers: (number | Failure)[] = [];
  closes = 0;

  async open(path: string): Promise<IngestClient> {
    return openIngestClient(path, {
      onAnswer: (answer) => {
        this.answers.push(answer);
        this.changed();
      },
      onClose: () => {
        this.closes += 1;
        this.changed();
      },
    });
  }
}

let path: string;
let taker: Taker;
let ingest: Ingest;

beforeEach(async () => {
  path = join(tmpdir(), `feedbench-ingest-${randomUUID()}`);
  taker = new Taker();
  ingest = await openIngest(path, taker.take);
});

afterEach(async () => {
  await ingest.close();
});

async function raw(): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  return socket.setEncoding('utf8');
}

test('answers each body with its number, in order', async () => {
  const publisher = new Publisher();
  const client = await publisher.open(path);
  for (let index = 0; index < 1000; index++) client.send(`{"n":${index}}`);
  await publisher.until(({ answers }) => answers.length === 1000);
  expect(publisher.answers).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
  expect(taker.bodies[999]).toBe('{"n":999}');
  client.close();
  await publisher.until(({ closes }) => closes === 1);
});

test('keeps the order of the answers where a later append is done first', async () => {
  const first = Promise.withResolvers<number>();
  taker.append = async (body) => (body === 'first' ? first.promise : Promise.resolve(2));
  const publisher = new Publisher();
  const client = await publisher.open(path);
  client.send('first');
  client.send('second');
  await taker.until(({ bodies }) => bodies.length === 2);
  first.resolve(1);
  await publisher.until(({ answers }) => answers.length === 2);
  expect(publisher.answers).toEqual([1, 2]);
  client.close();
});

test('tells why a body was not taken, in one line, and goes on', async () => {
  taker.append = async (body) => {
    if (body === 'bad') throw new Error('Redis is\naway');
    return 7;
  };
  const publisher = new Publisher();
  const client = await publisher.open(path);
  client.send('bad');
  client.send('good');
  await publisher.until(({ answers }) => answers.length === 2);
  const [failure, seq] = publisher.answers;
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({
    code: 'redis-lost',
    message: 'a message was not taken: Redis is away; see whether Redis still runs and has memory, then run again',
  });
  expect(seq).toBe(7);
  client.close();
});

test('reads lines wherever they are cut, in the middle of a character too', async () => {
  const socket = await raw();
  const bytes = Buffer.from('größer 🛰️\n{"a":1}\nlast\n');
  for (const byte of bytes) {
    await new Promise<void>((resolve) => {
      socket.write(Buffer.from([byte]), () => resolve());
    });
  }
  await taker.until(({ bodies }) => bodies.length === 3);
  expect(taker.bodies).toEqual(['größer 🛰️', '{"a":1}', 'last']);
  socket.destroy();
});

test('answers what it got from a publisher that has ended its side', async () => {
  const held = Promise.withResolvers<number>();
  taker.append = async (body) => (body === 'other' ? Promise.resolve(1) : held.promise);
  const socket = await raw();
  const ended = once(socket, 'end');
  let answer = '';
  socket.on('data', (text: string) => {
    answer += text;
  });
  socket.end('one\ntwo\n');
  await taker.until(({ bodies }) => bodies.length === 2);
  // By the answer to what another sends later, the end of this one has been seen.
  const other = await raw();
  other.write('other\n');
  await once(other, 'data');
  other.destroy();
  held.resolve(5);
  await ended;
  expect(answer).toBe('5\n5\n');
});

test('cuts off a line that does not end', async () => {
  const socket = await raw();
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  const chunk = 'x'.repeat(1024 * 1024);
  for (let index = 0; index < 20; index++) socket.write(chunk);
  await closed;
  expect(taker.bodies).toEqual([]);
});

test('ends its publishers when it is closed', async () => {
  const publisher = new Publisher();
  await publisher.open(path);
  await ingest.close();
  await publisher.until(({ closes }) => closes === 1);
  expect(publisher.closes).toBe(1);
});

test('says where it cannot be', async () => {
  await expect(openIngest(path, taker.take)).rejects.toMatchObject({ code: 'port-in-use' });
  await expect(openIngest(join(path, 'below'), taker.take)).rejects.toThrow(`cannot take messages at ${path}/below (`);
  await expect(new Publisher().open(`${path}-not`)).rejects.toThrow('ENOENT');
});
