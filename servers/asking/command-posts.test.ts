import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import type { Answer } from '../../scenarios/feed/signal.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import { headerProfile } from '../registry.ts';
import { openTestRelay } from '../testing/test-relay.ts';
import { Witness } from '../testing/test-witness.ts';
import type { SessionCommand, SessionOptions } from '../transport.ts';
import { CommandPosts } from './command-posts.ts';

/** What is said over HTTP, against servers that are not ours. */

interface Posted {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly command: unknown;
}

class Stand extends Witness implements AsyncDisposable {
  readonly posted: Posted[] = [];
  readonly answers: Answer[] = [];
  readonly connections = new Set<unknown>();
  end: SessionEnd | undefined;
  reopenings = 0;
  readonly #server = createServer((request, response) => void this.#take(request, response));
  readonly #respond: (response: ServerResponse, count: number) => void;

  constructor(respond: (response: ServerResponse, count: number) => void) {
    super();
    this.#respond = respond;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  posts(given: Partial<SessionOptions> = {}): CommandPosts {
    const options: SessionOptions = {
      host: '127.0.0.1',
      port: this.port,
      position: { kind: 'oldest' },
      values: {},
      headers: headerProfile('minimal'),
      member: { user: 'ann', channels: [] },
      poll: { originNs: 0, intervalNs: 1e9 },
      ...given,
    };
    const events = {
      reopened: () => {
        this.reopenings += 1;
        this.changed();
      },
      ended: (end: SessionEnd) => {
        this.end = end;
        this.changed();
      },
    };
    return new CommandPosts('/door', { options, events });
  }

  say(posts: CommandPosts, ...commands: SessionCommand[]): void {
    for (const command of commands)
      posts.say(command, (answer) => {
        this.answers.push(answer);
        this.changed();
      });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const command = await json(request);
    this.connections.add(request.socket);
    this.posted.push({ url: request.url, headers: request.headers, command });
    this.#respond(response, this.posted.length);
    this.changed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const stack: CommandPosts[] = [];
afterEach(() => {
  for (const posts of stack.splice(0)) posts.close();
});

function kept(posts: CommandPosts): CommandPosts {
  stack.push(posts);
  return posts;
}

const send = (n: number, data = `says ${n}`) => ({ type: 'send', channel: 'room:1', n, data }) as const;

function accept(response: ServerResponse, count: number): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ seq: count }));
}

test('commands are posted in their order, the next when the one before is answered, over one connection', async () => {
  const held: ServerResponse[] = [];
  await using stand = await new Stand((response) => held.push(response)).open();
  const posts = kept(stand.posts());
  expect(posts.isConnected).toBe(false);
  stand.say(posts, send(1), send(2, 'größer 🛰️'), { type: 'typing', channel: 'room:1' });
  for (const count of [1, 2, 3]) {
    await stand.until(({ posted }) => posted.length === count);
    expect(stand.answers).toHaveLength(count - 1);
    const [response] = held.splice(0);
    if (response !== undefined) accept(response, count);
    await stand.until(({ answers }) => answers.length === count);
  }
  expect(stand.answers).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
  expect(stand.posted.map(({ command }) => command)).toEqual([
    send(1),
    send(2, 'größer 🛰️'),
    { type: 'typing', channel: 'room:1' },
  ]);
  expect(stand.connections.size).toBe(1);
  expect(posts.isConnected).toBe(true);
});

test('a request says who it is, and carries a token where the variant has it', async () => {
  await using stand = await new Stand(accept).open();
  const member = { user: 'ann', token: 'a.b.c', channels: ['room:1'] };
  const ways = [
    { member: { user: 'ann', channels: ['room:1'] } },
    ...(['url', 'header', 'cookie'] as const).map((auth) => ({ member, values: { auth } })),
  ];
  for (const way of ways) stand.say(kept(stand.posts(way)), send(1));
  await stand.until(({ answers }) => answers.length === ways.length);
  const shown = stand.posted.map(({ url, headers }) => [url, headers.authorization, headers.cookie].join(' '));
  expect(shown.toSorted((left, right) => (left < right ? -1 : 1))).toEqual([
    '/door  feedbench_token=a.b.c',
    '/door Bearer a.b.c ',
    '/door?token=a.b.c  ',
    '/door?user=ann  ',
  ]);
  expect(stand.posted[0]?.headers['content-type']).toBe('application/json');
});

test('what is rejected is an answer, whatever its status; what is no answer ends it', async () => {
  const rejection = { error: 'the command may not be done by this client', reason: 'forbidden' };
  await using stand = await new Stand((response, count) => {
    if (count === 1) response.writeHead(403).end(JSON.stringify(rejection));
    else response.writeHead(401).end(JSON.stringify({ error: 'the token has expired' }));
  }).open();
  stand.say(kept(stand.posts()), send(1), send(2), send(3));
  await stand.until(({ end }) => end !== undefined);
  expect(stand.answers).toEqual([rejection]);
  expect(stand.end).toEqual({ code: 'http-status', status: 401, text: 'Unauthorized' });
  expect(stand.posted).toHaveLength(2);
});

test.each<[string, string, SessionEnd]>([
  ['nothing', '', { code: 'protocol', cause: 'answer' }],
  ['a list', '[]', { code: 'protocol', cause: 'answer' }],
  ['a number that is none', '{"seq":"1"}', { code: 'protocol', cause: 'answer' }],
  ['too much', `{"seq":1,"x":"${'x'.repeat(65_536)}"}`, { code: 'protocol', cause: 'large-body' }],
])('an answer of %s ends it', async (_name, body, end) => {
  await using stand = await new Stand((response) => response.end(body)).open();
  stand.say(kept(stand.posts()), send(1));
  await stand.until(({ end: seen }) => seen !== undefined);
  expect(stand.end).toEqual(end);
  expect(stand.answers).toEqual([]);
});

/** Answers the first, and closes the connection in place of the second answer to it. */
function closeAtSecond(response: ServerResponse, count: number): void {
  if (count === 2) response.socket?.destroy();
  else accept(response, count);
}

test('what has its number is said again where the connection was closed, once; what has none is not', async () => {
  await using stand = await new Stand(closeAtSecond).open();
  stand.say(kept(stand.posts()), send(1), send(2));
  await stand.until(({ answers }) => answers.length === 2);
  expect(stand.posted.map(({ command }) => command)).toEqual([send(1), send(2), send(2)]);
  expect(stand.reopenings).toBe(1);

  await using other = await new Stand(closeAtSecond).open();
  const unnumbered = { type: 'send', channel: 'room:1', data: 'by hand' } as const;
  other.say(kept(other.posts()), unnumbered, unnumbered);
  await other.until(({ end }) => end !== undefined);
  expect(other.end).toEqual({ code: 'connection-closed' });
  expect(other.posted).toHaveLength(2);
});

test('every byte is counted', async () => {
  await using stand = await new Stand(accept).open();
  await using relay = await openTestRelay(stand.port);
  const posts = kept(stand.posts({ port: relay.port, headers: headerProfile('browser') }));
  stand.say(posts, send(1), send(2, 'größer 🛰️'));
  await stand.until(({ answers }) => answers.length === 2);
  expect([posts.bytesWritten, posts.bytesRead]).toEqual([relay.bytesUp, relay.bytesDown]);
  expect(posts.bytesWritten).toBeGreaterThan(1000);
});

test('after its close nothing is said, and nothing told', async () => {
  await using stand = await new Stand(accept).open();
  const posts = stand.posts();
  stand.say(posts, send(1), send(2));
  await stand.until(({ answers }) => answers.length === 1);
  posts.close();
  stand.say(posts, send(3));
  expect(posts.isConnected).toBe(false);
  expect(stand.end).toBeUndefined();
  expect(stand.posted.length).toBeLessThan(3);
});
