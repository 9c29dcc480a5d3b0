import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { REFUSALS } from '../hub/admission.ts';
import { encodedFrame } from '../testing/raw-websocket.ts';
import { openTestNode } from '../testing/test-node.ts';
import { numbers } from '../testing/test-subscriber.ts';
import { Client, type Heard, say } from './testing/client.ts';
import { openStand } from './testing/stand.ts';

describe('a member', () => {
  test('is welcomed, says something, and is told its number; who follows the channel gets it, others do not', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    const ann = await new Client(node.port, '&user=ann&channels=room:1').opened();
    const ben = await new Client(node.port, '&user=ben&channels=room:1').opened();
    const carl = await new Client(node.port, '&user=carl&channels=room:2').opened();
    const listener = await new Client(node.port).opened();
    expect(await ben.untilSignal('welcome')).toMatchObject({ user: 'ben' });
    const { seq } = await ann.command(say('room:1', 'größer'));
    await ben.untilIn('room:1', 1);
    expect(ben.heard.find(({ channel }) => channel === 'room:1')).toMatchObject({
      seq,
      from: 'ann',
      n: 1,
      data: 'größer',
    });
    await ann.command(say('user:carl', 'only you'));
    await carl.untilIn('user:carl', 1);
    await node.append('for listeners');
    await listener.until(({ heard }) => heard.length > 0);
    expect(listener.heard).toMatchObject([{ data: 'for listeners' }]);
    expect([carl.in('room:1'), ben.in('user:carl')]).toEqual([[], []]);
  });

  test('is welcomed before it is sent what it missed, and what it says at once is numbered', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    for (const data of numbers(1, 3)) await node.append(data);
    const socket = new WebSocket(`ws://127.0.0.1:${node.port}/ws?user=ann&channels=feed&since=0`);
    const heard: { seq?: number; signal?: string; reason?: string }[] = [];
    socket.on('message', (data: Buffer) => void heard.push(JSON.parse(data.toString()) as object));
    await once(socket, 'open');
    for (let count = 0; count < 20; count++) socket.send(JSON.stringify(say('room:1', count)));
    socket.send(Buffer.from(JSON.stringify(say('room:1', 'ü')), 'latin1'), { binary: true });
    while (heard.filter(({ signal }) => signal === 'answer').length < 21) await once(socket, 'message');
    expect(heard.slice(0, 4)).toMatchObject([{ signal: 'welcome' }, { seq: 1 }, { seq: 2 }, { seq: 3 }]);
    const answers = heard.filter(({ signal }) => signal === 'answer');
    expect(answers.flatMap(({ seq }) => seq ?? [])).toEqual(numbers(5, 24));
    expect(answers.flatMap(({ reason }) => reason ?? [])).toEqual(['malformed']);
    socket.terminate();
  });

  test.each([{ protocol: 'json' }, { protocol: 'binary' }])(
    'is heard in either kind of frame, by $protocol',
    async ({ protocol }) => {
      await using node = await openTestNode({ transport: 'websocket' });
      const socket = new WebSocket(`ws://127.0.0.1:${node.port}/ws?user=ann&channels=`, protocol);
      await once(socket, 'open');
      const answers: string[] = [];
      const both = Promise.withResolvers<undefined>();
      socket.on('message', (data: Buffer, isBinary) => {
        expect(isBinary).toBe(protocol === 'binary');
        const said = data.toString().replace(/^N/, '');
        if (said.includes('"answer"')) answers.push(said);
        if (answers.length === 2) both.resolve(undefined);
      });
      for (const binary of [true, false])
        socket.send(Buffer.from(JSON.stringify({ ...say('room:1', 'ä'), id: Number(binary) })), { binary });
      await both.promise;
      expect(answers.map((one) => JSON.parse(one) as unknown)).toMatchObject([
        { signal: 'answer', id: 1, seq: 2 },
        { signal: 'answer', id: 0, seq: 3 },
      ]);
      socket.terminate();
    },
  );

  test('is answered without an id where it said none, and told what is no command', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    const ann = await new Client(node.port, '&user=ann&channels=').opened();
    const answers = (): Heard[] => ann.heard.filter(({ signal }) => signal === 'answer');
    for (const [index, said] of ['hello', '{"type":"dance","id":7}', '{"type":"auth","token":"x"}', '[]'].entries()) {
      ann.socket.send(said);
      await ann.until(() => answers().length > index);
    }
    ann.send(say('room:1', 'x'));
    await ann.until(() => answers().length === 5);
    expect(answers().map(({ id, reason, seq }) => [id, reason, seq])).toEqual([
      [null, 'malformed', undefined],
      [7, 'malformed', undefined],
      [null, 'malformed', undefined],
      [null, 'malformed', undefined],
      [null, undefined, 2],
    ]);
  });

  test('joins and leaves, from the numbers that it is told', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    const ann = await new Client(node.port, '&user=ann&channels=').opened();
    const ben = await new Client(node.port, '&user=ben&channels=room:2').opened();
    const before = await ann.command(say('room:1', 'before'));
    const joined = await ben.command({ type: 'join', channel: 'room:1' });
    await ann.command(say('room:1', 'within'));
    await ben.untilIn('room:1', 1);
    const left = await ben.command({ type: 'leave', channel: 'room:1' });
    await ann.command(say('room:1', 'after'));
    await ann.command(say('room:2', 'the last'));
    await ben.untilIn('room:2', 1);
    expect(joined.seq).toBe(before.seq);
    expect(left.seq).toBe((before.seq ?? 0) + 1);
    expect(ben.in('room:1')).toEqual(['within']);
    expect(await ben.command({ type: 'join', channel: 'user:ann' })).toMatchObject({ reason: 'forbidden' });
  });

  test('that is behind leaves a channel where it is, and not where the log is', async () => {
    await using stand = await openStand({ sendBufferBytes: 1 });
    const ben = await new Client(stand.port, '&user=ben&channels=room:1').opened();
    await ben.untilSignal('welcome');
    ben.socket.pause();
    const kilobytes64 = 'x'.repeat(64 * 1024);
    const sent = 200;
    for (const _ of numbers(1, sent)) stand.say('room:1', kilobytes64);
    const leaving = ben.command({ type: 'leave', channel: 'room:1' });
    ben.socket.resume();
    const { seq = 0 } = await leaving;
    stand.say('user:ben', 'the last');
    await ben.untilIn('user:ben', 1);
    expect(seq).toBeLessThan(sent);
    expect(ben.heard.findLast(({ channel }) => channel === 'room:1')?.seq).toBe(seq);
  });

  test('is told who writes', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    const ann = await new Client(node.port, '&user=ann&channels=room:1').opened();
    const ben = await new Client(node.port, '&user=ben&channels=room:1').opened();
    await ben.untilSignal('welcome');
    expect(await ann.command({ type: 'typing', channel: 'room:1' })).toEqual({ seq: null });
    expect(await ben.untilSignal('typing')).toEqual({ signal: 'typing', channel: 'room:1', from: 'ann' });
  });

  test('comes back, and has what came meanwhile in its channels alone', async () => {
    await using node = await openTestNode({ transport: 'websocket' });
    const ann = await new Client(node.port, '&user=ann&channels=').opened();
    for (const data of ['one', 'two']) await ann.command(say('room:1', data));
    await ann.command(say('room:2', 'other'));
    await ann.command(say('user:ben', 'direct'));
    const ben = await new Client(node.port, '&user=ben&channels=room:1').opened();
    await ben.untilIn('user:ben', 1);
    expect([ben.in('room:1'), ben.in('room:2'), ben.in('presence')]).toEqual([['one', 'two'], [], []]);
  });
});

test('a listener without a name has the feed to the byte, and may do nothing', async () => {
  await using node = await openTestNode({ transport: 'websocket' });
  const socket = connect(node.port, '127.0.0.1');
  socket.setEncoding('latin1');
  let said = '';
  socket.on('data', (chunk: string) => (said += chunk));
  socket.write(
    'GET /ws HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  while (!said.endsWith('\r\n\r\n')) await once(socket, 'data');
  said = '';
  await node.append('x');
  while (!said.includes('"}')) await once(socket, 'data');
  expect(said).toMatch(/^\x81.\{"seq":1,"dueNs":\d+,"publishedNs":\d+,"data":"x","crc":"[\da-f]{8}"\}$/);
  said = '';
  socket.write(encodedFrame(JSON.stringify({ ...say('room:1', 'x'), id: 3 }), { opcode: 1, mask: true }));
  while (!said.includes('"}')) await once(socket, 'data');
  expect(JSON.parse(said.slice(said.indexOf('{')))).toMatchObject({ signal: 'answer', id: 3, reason: 'forbidden' });
  socket.destroy();
});

test.each([
  ['of another user', 'user=ann&channels=user:ben', 'forbidden-channel'],
  ['that is no name', 'user=ann&channels=a%20b', 'bad-channels'],
  ['for a user who has no name', 'user=a%20b', 'bad-user'],
] as const)('a channel %s ends it with 1008', async (_name, query, refusal) => {
  await using node = await openTestNode({ transport: 'websocket' });
  const client = new Client(node.port, `&${query}`);
  expect(await client.ended()).toEqual({ code: 1008, reason: REFUSALS[refusal].error });
  expect(client.heard).toEqual([]);
});
