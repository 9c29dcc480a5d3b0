import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import {
  closeCodeSent,
  closeFrame,
  encodedFrame,
  handshakeAnswer,
  openRawWebSocketServer,
} from '../testing/raw-websocket.ts';
import { inLanes } from '../testing/lanes.ts';
import { mutated } from '../testing/mutated-bytes.ts';
import { OPCODE } from './frames.ts';
import { WebSocketConnection } from './websocket-connection.ts';

/** The client of the ws library is the reference: both read the same bytes of a server, and must come to the same. */
interface Verdict {
  readonly opened: boolean;
  readonly messages: readonly string[];
  /** The close code that the server sent, or that the client gave up. */
  readonly end: number | 'failed';
  /** The close code that the server was sent; undefined where it got no close frame. */
  readonly answered: number | undefined;
}

type Answer = (request: string) => Buffer | string;

async function judge(answer: Answer, listen: (port: number, tell: Told) => void): Promise<Verdict> {
  const { promise, resolve } = Promise.withResolvers<Omit<Verdict, 'answered'>>();
  await using server = await openRawWebSocketServer((socket, request) => {
    socket.write(answer(request));
    // What the client makes of it is known before this arrives; where it waits for more, this is the end.
    socket.end();
  });
  const messages: string[] = [];
  let opened = false;
  listen(server.port, {
    opened: () => (opened = true),
    message: (bytes) => messages.push(bytes.toString('latin1')),
    ended: (end) => resolve({ opened, messages, end }),
  });
  const verdict = await promise;
  return { ...verdict, answered: closeCodeSent(await server.sent) };
}

interface Told {
  readonly opened: () => void;
  readonly message: (bytes: Buffer) => void;
  readonly ended: (end: Verdict['end']) => void;
}

function listenByUs(port: number, { opened, message, ended }: Told): void {
  const upgrade = { host: '127.0.0.1', port, path: '/', subprotocol: 'json', headers: [] };
  // oxlint-disable-next-line no-new -- it begins at once, and is told of by its events
  new WebSocketConnection(upgrade, {
    opened,
    message,
    ended: (end) => ended(codeOf(end)),
  });
}

function codeOf(end: SessionEnd): Verdict['end'] {
  return end.code === 'websocket-close' ? end.closeCode : 'failed';
}

function listenByWs(port: number, { opened, message, ended }: Told): void {
  const maxPayload = 64 * 1024 * 1024;
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, 'json', { perMessageDeflate: false, maxPayload });
  let failed = false;
  client.on('open', opened);
  client.on('message', (data: Buffer) => message(data));
  client.on('error', () => (failed = true));
  // 1006 is what an API says where no close frame came.
  client.on('close', (code) => ended(failed || code === 1006 ? 'failed' : code));
}

const text = (value: Buffer | string, shape = {}): Buffer => encodedFrame(value, { opcode: OPCODE.text, ...shape });
const end = closeFrame(1000);

/** Frames right behind a good handshake. */
function frames(...parts: readonly Buffer[]): Answer {
  return (request) => Buffer.concat([Buffer.from(handshakeAnswer(request)), ...parts]);
}

function emptyFragments(count: number): Buffer {
  return Buffer.concat([
    text('a', { fin: false }),
    ...Array.from({ length: count }, () => Buffer.from([0x00, 0x00])),
    encodedFrame('z', { opcode: OPCODE.continuation }),
  ]);
}

const changed =
  (changes: Record<string, string | undefined>): Answer =>
  (request) =>
    Buffer.concat([Buffer.from(handshakeAnswer(request, changes)), text('after'), end]);

const headed =
  (head: (answer: string) => string): Answer =>
  (request) =>
    Buffer.concat([Buffer.from(head(handshakeAnswer(request))), text('after'), end]);

const CASES: Readonly<Record<string, Answer>> = {
  'a message and a close': frames(text('hello'), end),
  'a binary message': frames(encodedFrame('bytes', { opcode: OPCODE.binary }), end),
  'no message at all': frames(end),
  'the end of the connection without a close': frames(text('hello')),
  'the end amid a frame': frames(text('hello').subarray(0, 4)),
  'fragments with a ping between': frames(
    text('one ', { fin: false }),
    encodedFrame('ping', { opcode: OPCODE.ping }),
    encodedFrame('two', { opcode: OPCODE.continuation }),
    end,
  ),
  'a character cut by fragments': frames(
    text(Buffer.from('€').subarray(0, 1), { fin: false }),
    encodedFrame(Buffer.from('€').subarray(1), { opcode: OPCODE.continuation }),
    end,
  ),
  'a pong that nobody asked for': frames(encodedFrame('', { opcode: OPCODE.pong }), text('after'), end),
  '10,000 empty fragments': frames(emptyFragments(10_000), end),
  '100,000 empty fragments': frames(emptyFragments(100_000), end),
  'a length in more bytes than it needs': frames(Buffer.from([0x81, 126, 0, 2]), Buffer.from('ab'), end),
  'a length in eight bytes that needs one': frames(
    Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 2]),
    Buffer.from('ab'),
    end,
  ),
  'a length with the top bit': frames(Buffer.from([0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 2]), Buffer.from('ab'), end),
  'a length beyond all memory': frames(Buffer.from([0x81, 127, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), end),
  'a message of 64 MiB and a byte': frames(Buffer.from([0x81, 127, 0, 0, 0, 0, 4, 0, 0, 1]), Buffer.from('ab')),
  'a mask': frames(text('masked', { mask: true }), end),
  'the first reserved bit': frames(text('compressed', { rsv1: true }), end),
  'the second reserved bit': frames(Buffer.from([0xa1, 0x01, 0x61]), end),
  'the third reserved bit': frames(Buffer.from([0x91, 0x01, 0x61]), end),
  'opcode 3': frames(encodedFrame('x', { opcode: 3 }), end),
  'opcode 15': frames(encodedFrame('x', { opcode: 15 }), end),
  'a continuation of nothing': frames(encodedFrame('x', { opcode: OPCODE.continuation }), end),
  'a message inside another': frames(text('a', { fin: false }), text('b'), end),
  'a ping in fragments': frames(encodedFrame('x', { opcode: OPCODE.ping, fin: false }), end),
  'a ping of 126 bytes': frames(encodedFrame(Buffer.alloc(126), { opcode: OPCODE.ping }), end),
  'text that is not UTF-8': frames(text(Buffer.from([0x61, 0xff, 0x62])), end),
  'text with half a surrogate pair': frames(text(Buffer.from([0xed, 0xa0, 0x80])), end),
  'text longer than it has to be': frames(text(Buffer.from([0xc0, 0xaf])), end),
  'fragments that are not UTF-8 together': frames(
    text(Buffer.from([0xe2]), { fin: false }),
    encodedFrame(Buffer.from([0x61]), { opcode: OPCODE.continuation }),
    end,
  ),
  'binary that is not UTF-8': frames(encodedFrame(Buffer.from([0xff]), { opcode: OPCODE.binary }), end),
  'a close without a code': frames(encodedFrame('', { opcode: OPCODE.close })),
  'a close of one byte': frames(encodedFrame('x', { opcode: OPCODE.close })),
  'a close in fragments': frames(encodedFrame('', { opcode: OPCODE.close, fin: false })),
  'a close whose reason is not UTF-8': frames(closeFrame(1000, Buffer.from([0xff]))),
  'a close of 126 bytes': frames(closeFrame(1000, 'x'.repeat(124))),
  'frames after the close': frames(closeFrame(1001), text('after'), end),
  ...Object.fromEntries(
    [
      0, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1011, 1012, 1014, 1015, 1016, 2999, 3000, 4999, 5000,
      65_535,
    ].map((code) => [`a close with ${code}`, frames(closeFrame(code, 'why'))]),
  ),
  'another case of Upgrade': changed({ Upgrade: 'WebSocket' }),
  'another upgrade': changed({ Upgrade: 'h2c' }),
  'no upgrade': changed({ Upgrade: undefined }),
  'no Connection': changed({ Connection: undefined }),
  'a Connection with more': changed({ Connection: 'keep-alive, upgrade' }),
  'a wrong accept': changed({ 'Sec-WebSocket-Accept': 'c29tZXRoaW5nIGVsc2U=' }),
  'no accept': changed({ 'Sec-WebSocket-Accept': undefined }),
  'another subprotocol': changed({ 'Sec-WebSocket-Protocol': 'xml' }),
  'two subprotocols': changed({ 'Sec-WebSocket-Protocol': 'json, xml' }),
  'no subprotocol': changed({ 'Sec-WebSocket-Protocol': undefined }),
  'an extension that nobody asked for': changed({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }),
  'an extension without a name': changed({ 'Sec-WebSocket-Extensions': '' }),
  '100 before 101': headed((answer) => `HTTP/1.1 100 Continue\r\n\r\n${answer}`),
  '103 before 101': headed((answer) => `HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n${answer}`),
  'three answers before 101': headed((answer) => `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(3)}${answer}`),
  'status 1011': headed((answer) => answer.replace('101', '1011')),
  'status 10': headed((answer) => answer.replace('101', '10')),
  'no reason after the status': headed((answer) => answer.replace(' Switching Protocols', '')),
  'status 200': headed((answer) => answer.replace('101 Switching Protocols', '200 OK')),
  'status 302': headed(() => 'HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n'),
  'status 403': headed(() => 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
  'HTTP/2.0': headed((answer) => answer.replace('HTTP/1.1', 'HTTP/2.0')),
  'no HTTP': headed(() => 'SSH-2.0-OpenSSH_9.2\r\n\r\n'),
  'a line that is no field': headed((answer) => answer.replace('Upgrade: ', 'Nonsense\r\nUpgrade: ')),
  'a space before the colon': headed((answer) => answer.replace('Upgrade: ', 'Upgrade : ')),
  'a line feed alone': headed((answer) => answer.replace('Protocols\r\n', 'Protocols\n')),
  'a NUL in a field': headed((answer) => answer.replace('Upgrade: ', 'X: \0\r\nUpgrade: ')),
  'a folded field': headed((answer) => answer.replace('Upgrade: ', 'X: a\r\n b\r\nUpgrade: ')),
  'a head that does not end': () => `HTTP/1.1 101 Switching Protocols\r\n${'X: y\r\n'.repeat(20_000)}`,
};

/** Where we differ from ws on purpose. */
const DIFFERENCES: Readonly<Record<string, { readonly why: string; readonly ours: Verdict }>> = {
  'HTTP/2.0': {
    why: 'no such version has a status line (RFC 9112, section 2.3); the parser behind ws reads it as 1.1',
    ours: { opened: false, messages: [], end: 'failed', answered: undefined },
  },
};

const differ = (name: string): boolean => name in DIFFERENCES;

async function judgeBoth(answer: Answer): Promise<Verdict[]> {
  return Promise.all([judge(answer, listenByUs), judge(answer, listenByWs)]);
}

test.each(Object.entries(CASES).filter(([name]) => !differ(name)))('as the ws library: %s', async (_name, answer) => {
  const [ours, theirs] = await judgeBoth(answer);
  expect(ours).toEqual(theirs);
});

test.each(Object.entries(CASES).filter(([name]) => differ(name)))('not as the ws library: %s', async (name, answer) => {
  const [ours, theirs] = await judgeBoth(answer);
  expect(ours).toEqual(DIFFERENCES[name]?.ours);
  expect(theirs).not.toEqual(ours);
});

/** FUZZ_STREAMS=20000 FUZZ_SEED=… for a long night. */
const STREAMS = Number(process.env['FUZZ_STREAMS'] ?? 200);
/** Enough for 20,000. */
const PATIENCE_MS = 290_000;
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

test('as the ws library: frames that were changed anyhow', { timeout: PATIENCE_MS }, async () => {
  const good = Buffer.concat([
    text('a message'),
    encodedFrame('ping', { opcode: OPCODE.ping }),
    text('größer '.repeat(30)),
    text('one ', { fin: false }),
    encodedFrame('two', { opcode: OPCODE.continuation }),
    encodedFrame(Buffer.from([0, 255]), { opcode: OPCODE.binary }),
    closeFrame(1001, 'größer'),
  ]);
  await inLanes(STREAMS, async (index) => {
    const seed = SEED * 1_000_003 + index;
    const [ours, theirs] = await judgeBoth(frames(mutated(good, seed)));
    expect({ seed, ...ours }).toEqual({ seed, ...theirs });
  });
});
