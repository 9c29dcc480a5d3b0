import { describe, expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { SessionEnd } from '../../scenarios/session-end.ts';
import {
  closeCodeSent,
  closeFrame,
  deflated,
  encodedFrame,
  handshakeAnswer,
  openRawWebSocketServer,
} from '../testing/raw-websocket.ts';
import { writePieces } from '../testing/test-server.ts';
import { OPCODE } from './frames.ts';
import { WebSocketConnection } from './websocket-connection.ts';

type Answer = (request: string) => Buffer;

/** What was said on both sides. */
interface Conversation {
  readonly request: string;
  readonly messages: readonly string[];
  /** Of each message, whether it came as text. */
  readonly texts: readonly boolean[];
  readonly receivedNs: readonly number[];
  readonly ends: readonly SessionEnd[];
  readonly connection: WebSocketConnection;
  /** By the client, after its request. */
  readonly sent: Buffer;
}

/** What the client does, once it is open or at a message. */
interface Acts {
  readonly opened?: (connection: WebSocketConnection) => void;
  readonly message?: (connection: WebSocketConnection) => void;
}

const PLAIN = { host: '127.0.0.1', path: '/feed?since=3', headers: ['X-One: 1', 'X-Two: 2'] };
const UPGRADE: typeof PLAIN & { readonly subprotocol?: string; readonly deflate?: boolean } = {
  ...PLAIN,
  subprotocol: 'json',
};

/** The server answers, and closes; a client that acts closes before, so that it is not told of an end. */
async function converse(answer: Answer, acts?: Acts, upgrade = UPGRADE): Promise<Conversation> {
  let request = '';
  await using server = await openRawWebSocketServer((socket, head) => {
    request = head.replace(String(server.port), 'PORT');
    socket.end(answer(head));
  });
  const ended = Promise.withResolvers<void>();
  const heard = {
    messages: [] as string[],
    texts: [] as boolean[],
    receivedNs: [] as number[],
    ends: [] as SessionEnd[],
  };
  const connection = new WebSocketConnection(
    { ...upgrade, port: server.port },
    {
      opened: () => acts?.opened?.(connection),
      message: (bytes, receivedNs, isText) => {
        heard.messages.push(bytes.toString());
        heard.texts.push(isText);
        heard.receivedNs.push(receivedNs);
        acts?.message?.(connection);
      },
      ended: (end) => {
        heard.ends.push(end);
        ended.resolve();
      },
    },
  );
  const [sent] = await Promise.all([server.sent, acts === undefined ? ended.promise : undefined]);
  return { ...heard, request, connection, sent };
}

/** Frames behind a handshake that is good, but for those fields. */
function answered(frames: readonly Buffer[], changes: Record<string, string | undefined> = {}): Answer {
  return (request) => Buffer.concat([Buffer.from(handshakeAnswer(request, changes)), ...frames]);
}

const text = (value: string): Buffer => encodedFrame(value, { opcode: OPCODE.text });

function close(connection: WebSocketConnection): void {
  connection.close();
}

describe('its owner is told why it ended', () => {
  test.each<[what: string, answer: Answer, end: SessionEnd]>([
    ['no upgrade', answered([], { Upgrade: undefined }), { code: 'protocol', cause: 'upgrade' }],
    ['no Connection', answered([], { Connection: undefined }), { code: 'protocol', cause: 'connection' }],
    ['a wrong accept', answered([], { 'Sec-WebSocket-Accept': 'bm9uZQ==' }), { code: 'protocol', cause: 'accept' }],
    ['an extension', answered([], { 'Sec-WebSocket-Extensions': 'x' }), { code: 'protocol', cause: 'extension' }],
    [
      'no subprotocol',
      answered([], { 'Sec-WebSocket-Protocol': undefined }),
      { code: 'protocol', cause: 'subprotocol' },
    ],
    ['a head that is none', () => Buffer.from('SSH-2.0\r\n\r\n'), { code: 'protocol', cause: 'malformed-head' }],
    [
      'a refusal',
      () => Buffer.from('HTTP/1.1 403 Not here\r\nContent-Length: 0\r\n\r\n'),
      { code: 'http-status', status: 403, text: 'Not here' },
    ],
    [
      'a mask',
      answered([encodedFrame('x', { opcode: OPCODE.text, mask: true })]),
      { code: 'protocol', cause: 'masked' },
    ],
    ['no close', answered([text('x')]), { code: 'connection-closed' }],
    ['a close', answered([closeFrame(1001)]), { code: 'websocket-close', closeCode: 1001 }],
    [
      'a close with a reason',
      answered([closeFrame(4000, 'too slow')]),
      { code: 'websocket-close', closeCode: 4000, text: 'too slow' },
    ],
  ])('%s', async (_what, answer, end) => {
    const { ends } = await converse(answer);
    expect(ends).toStrictEqual([end]);
  });
});

test('it asks with what the protocol needs, and with the headers of its owner', async () => {
  const { request } = await converse(answered([closeFrame(1000)]));
  expect(request.replace(/Key: [\w+/]{22}==/, 'Key: KEY').split('\r\n')).toEqual([
    'GET /feed?since=3 HTTP/1.1',
    'Host: 127.0.0.1:PORT',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: KEY',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: json',
    'X-One: 1',
    'X-Two: 2',
  ]);
});

test('where no subprotocol is wanted, none is offered, and none may be chosen', async () => {
  const plain = answered([closeFrame(1000)], { 'Sec-WebSocket-Protocol': undefined });
  const { request, ends } = await converse(plain, undefined, PLAIN);
  expect(request).not.toContain('Sec-WebSocket-Protocol');
  expect(ends).toEqual([{ code: 'websocket-close', closeCode: 1000 }]);
  const chosen = await converse(answered([closeFrame(1000)]), undefined, PLAIN);
  expect(chosen.ends).toEqual([{ code: 'protocol', cause: 'subprotocol' }]);
});

test('what comes behind an answer that is not the last is kept, wherever both are cut', async () => {
  const early = Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n');
  const ends: SessionEnd[] = [];
  const ended = Promise.withResolvers<void>();
  await using server = await openRawWebSocketServer((socket, head) => {
    const bytes = Buffer.concat([early, answered([closeFrame(1000)])(head)]);
    void writePieces(socket, bytes, [...early.subarray(1).keys(), early.length + 20, bytes.length]).then(() =>
      socket.end(),
    );
  });
  // oxlint-disable-next-line no-new -- it begins at once, and is told of by its events
  new WebSocketConnection(
    { ...UPGRADE, port: server.port },
    {
      opened: () => undefined,
      message: () => undefined,
      ended: (end) => {
        ends.push(end);
        ended.resolve();
      },
    },
  );
  await ended.promise;
  expect(ends).toEqual([{ code: 'websocket-close', closeCode: 1000 }]);
});

test('it sends short texts until it is closed', async () => {
  const { sent } = await converse(answered([]), {
    opened: (connection) => {
      connection.send('40');
      close(connection);
      connection.send('more');
    },
  });
  expect([sent[0], sent[1]]).toEqual([0x80 | OPCODE.text, 0x80 | 2]);
  expect(sent.subarray(6, 8).map((byte, index) => byte ^ (sent[2 + index] ?? 0))).toEqual(Buffer.from('40'));
  expect(sent).toHaveLength(8 + 8);
});

test('each has a key of its own', async () => {
  const [one, other] = await Promise.all([converse(answered([])), converse(answered([]))]);
  expect(one.request).not.toBe(other.request);
});

test('messages come with the moment in which they could be read, and bytes are counted', async () => {
  const beforeNs = monotonicNs();
  let answerBytes = 0;
  const { messages, receivedNs, connection } = await converse((request) => {
    const answer = answered([text('one'), text('two'), closeFrame(1000)])(request);
    answerBytes = answer.length;
    return answer;
  });
  expect(messages).toEqual(['one', 'two']);
  for (const atNs of receivedNs) expect(atNs).toBeGreaterThan(beforeNs);
  for (const atNs of receivedNs) expect(atNs).toBeLessThan(monotonicNs());
  expect(connection.bytesRead).toBe(answerBytes);
});

test('a ping is answered with its own bytes', async () => {
  const { sent } = await converse(answered([encodedFrame('beat', { opcode: OPCODE.ping }), closeFrame(1000)]));
  const mask = sent.subarray(2, 6);
  expect([sent[0], sent[1]]).toEqual([0x80 | OPCODE.pong, 0x80 | 4]);
  expect(sent.subarray(6, 10).map((byte, index) => byte ^ (mask[index] ?? 0))).toEqual(Buffer.from('beat'));
});

test('text and binary messages are told apart', async () => {
  const { texts } = await converse(
    answered([text('x'), encodedFrame('x', { opcode: OPCODE.binary }), closeFrame(1000)]),
  );
  expect(texts).toEqual([true, false]);
});

describe('a connection that is to be compressed', () => {
  const DEFLATED = { ...UPGRADE, deflate: true };
  const OFFER = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits';
  const values = ['one and the same', 'one and the same'];
  const frames = deflated(values.map((value) => Buffer.from(value))).map((payload) =>
    encodedFrame(payload, { opcode: OPCODE.text, rsv1: true }),
  );
  const agreed = (field: string | undefined, ...more: Buffer[]): Answer =>
    answered([...more, closeFrame(1000)], { 'Sec-WebSocket-Extensions': field });

  test('offers what browsers offer, and inflates what comes', async () => {
    const { request, messages } = await converse(agreed('permessage-deflate', ...frames), undefined, DEFLATED);
    expect(request).toContain(`\r\n${OFFER}`);
    expect(messages).toEqual(values);
  });

  test('offers it once, where the headers of its owner do already', async () => {
    const upgrade = { ...DEFLATED, headers: [...PLAIN.headers, OFFER] };
    const { request, ends } = await converse(agreed('permessage-deflate'), undefined, upgrade);
    expect(request.split('Sec-WebSocket-Extensions')).toHaveLength(2);
    expect(ends).toEqual([{ code: 'websocket-close', closeCode: 1000 }]);
  });

  test.each([undefined, '', 'x', 'permessage-deflate; server_max_window_bits=99'])(
    'ends where the server chooses %j',
    async (field) => {
      const { ends } = await converse(agreed(field), undefined, DEFLATED);
      expect(ends).toEqual([{ code: 'protocol', cause: 'extension' }]);
    },
  );

  test('that is not to be ends where the server chooses to all the same, whatever the headers offered', async () => {
    const upgrade = { ...UPGRADE, headers: [OFFER] };
    const { ends } = await converse(agreed('permessage-deflate'), undefined, upgrade);
    expect(ends).toEqual([{ code: 'protocol', cause: 'extension' }]);
  });

  test('ends with 1007 at what cannot be inflated', async () => {
    const broken = encodedFrame('hello', { opcode: OPCODE.text, rsv1: true });
    const { ends, sent } = await converse(agreed('permessage-deflate', broken), undefined, DEFLATED);
    expect(ends).toEqual([{ code: 'protocol', cause: 'deflate' }]);
    expect(closeCodeSent(sent)).toBe(1007);
  });
});

test('its owner may refuse a message, and the server is told why', async () => {
  const refuse = (connection: WebSocketConnection): void => connection.refuse('frame-kind');
  const { messages, ends, sent } = await converse(answered([text('one'), text('two')]), { message: refuse });
  expect([messages, ends, closeCodeSent(sent)]).toEqual([['one'], [{ code: 'protocol', cause: 'frame-kind' }], 1003]);
});

describe('closed by its owner', () => {
  const frames = [text('one'), text('two'), encodedFrame('', { opcode: OPCODE.ping }), closeFrame(1001)];

  test('when it opens, it says goodbye once, and nothing is told any more', async () => {
    const { messages, ends, sent } = await converse(answered(frames), { opened: close });
    expect([messages, ends, closeCodeSent(sent)]).toEqual([[], [], 1000]);
  });

  test('at a message, those behind it are not told', async () => {
    const { messages, ends, sent } = await converse(answered(frames), { message: close });
    expect([messages, ends, closeCodeSent(sent)]).toEqual([['one'], [], 1000]);
  });

  test('twice, it says goodbye once', async () => {
    const twice = (connection: WebSocketConnection): void => {
      close(connection);
      close(connection);
    };
    const { sent } = await converse(answered(frames), { opened: twice });
    expect(sent).toHaveLength(8);
  });

  test('before the handshake has an answer, it goes without a word', async () => {
    await using server = await openRawWebSocketServer(() => connection.close());
    const ends: SessionEnd[] = [];
    const connection = new WebSocketConnection(
      { ...UPGRADE, port: server.port },
      { opened: () => undefined, message: () => undefined, ended: (end) => ends.push(end) },
    );
    expect(await server.sent).toEqual(Buffer.alloc(0));
    expect(ends).toEqual([]);
  });
});
