import { expect, test } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

function read(method: string, text: string): string[] {
  const told: string[] = [];
  const reader = new AnswerReader({
    head: ({ status }) => told.push(`head ${status}`),
    body: (bytes, isLast) => told.push(`body ${bytes.toString()}${isLast ? ' last' : ''}`),
    end: (isReusable) => told.push(isReusable ? 'end' : 'end for good'),
    violation: (cause) => told.push(cause),
  });
  reader.expect(method);
  reader.read(Buffer.from(text));
  if (reader.close()) told.push('closed');
  return told;
}

test.each<{ name: string; method?: string; text: string; told: string[] }>([
  {
    name: 'an answer to HEAD has none',
    method: 'HEAD',
    text: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
    told: ['head 200', 'end'],
  },
  { name: '204 has none', text: 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', told: ['head 204', 'end'] },
  {
    name: '304 has none',
    text: 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n',
    told: ['head 304', 'end'],
  },
  { name: 'a length of 0 is none', text: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', told: ['head 200', 'end'] },
  {
    name: 'of a length',
    text: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab',
    told: ['head 200', 'body ab last', 'end'],
  },
  {
    name: 'in chunks',
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\nA\r\n0123456789\r\n0\r\n\r\n',
    told: ['head 200', 'body ab', 'body 0123456789', 'end'],
  },
  {
    name: 'up to the close',
    text: 'HTTP/1.1 200 OK\r\n\r\nab',
    told: ['head 200', 'body ab', 'end for good', 'closed'],
  },
  { name: 'empty up to the close', text: 'HTTP/1.1 200 OK\r\n\r\n', told: ['head 200', 'end for good', 'closed'] },
  {
    name: 'that is not all there',
    text: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab',
    told: ['head 200', 'body ab'],
  },
  {
    name: 'and a close that was said',
    text: 'HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\nContent-Length: 0\r\n\r\n',
    told: ['head 200', 'end for good'],
  },
])('the body: $name', ({ method = 'GET', text, told }) => {
  expect(read(method, text)).toEqual(told);
});

test('one answer is awaited at a time', () => {
  const reader = new AnswerReader({ head: () => 0, body: () => 0, end: () => 0, violation: () => 0 });
  reader.expect('GET');
  expect(() => reader.expect('GET')).toThrow('still awaited');
});

test('the next answer is awaited after a whole one, and none but that', () => {
  const told: string[] = [];
  const reader = new AnswerReader({
    head: ({ status }) => told.push(`head ${status}`),
    body: (bytes) => told.push(`body ${bytes.toString()}`),
    end: () => told.push('end'),
    violation: (cause) => told.push(cause),
  });
  for (let request = 0; request < 2; request++) {
    reader.expect('GET');
    expect(reader.hasBegun).toBe(false);
    reader.read(Buffer.from(WHOLE));
    expect(reader.hasBegun).toBe(true);
  }
  reader.read(Buffer.from(WHOLE));
  const once = ['head 200', 'body ok', 'end'];
  expect(told).toEqual([...once, ...once, 'unasked-answer']);
});

const WHOLE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

test.each([
  ['more than was asked for', `${WHOLE}HTTP/1.1 200 OK\r\n`, ['head 200', 'body ok last', 'unasked-answer']],
  ['a switch to another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', ['switched-protocols']],
  ['a malformed head', 'SPDY/9 hello\r\n\r\n', ['malformed-head']],
  ['a length that says nothing', 'HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok', ['content-length']],
  [
    'a malformed chunk',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n',
    ['head 200', 'body ok', 'chunk'],
  ],
])('%s is told, and nothing is read after it', (_what, text, told) => {
  expect(read('GET', text)).toEqual(told);
});

test('what comes before anything was asked for is told', () => {
  const told: string[] = [];
  const reader = new AnswerReader({
    head: () => told.push('head'),
    body: () => told.push('body'),
    end: () => told.push('end'),
    violation: (cause) => told.push(cause),
  });
  reader.read(Buffer.from(WHOLE));
  reader.read(Buffer.from(WHOLE));
  expect(told).toEqual(['unasked-answer']);
});

test('an answer is the same wherever the network cuts it', () => {
  const whole = Buffer.from(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${WHOLE}`);
  for (let cut = 1; cut < whole.length; cut++) {
    const told: string[] = [];
    let body = '';
    const reader = new AnswerReader({
      head: ({ status }) => told.push(`head ${status}`),
      body: (bytes) => (body += bytes.toString()),
      end: () => told.push('end'),
      violation: (cause) => told.push(cause),
    });
    reader.expect('GET');
    reader.read(whole.subarray(0, cut));
    reader.read(whole.subarray(cut));
    expect([told, body], `cut at ${cut}`).toEqual([['head 200', 'end'], 'ok']);
  }
});
