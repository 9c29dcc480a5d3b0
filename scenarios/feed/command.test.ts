import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandOf, mayRepeat, MOST_COMMAND_BYTES, parseCommand } from './command.ts';

test('a command is read with all its fields', () => {
  const send = { type: 'send', id: 3, channel: 'room:1', n: 5, dueNs: 1, publishedNs: 2, data: { text: 'hello' } };
  expect(parseCommand(JSON.stringify(send))).toEqual(send);
  for (const type of ['join', 'leave', 'typing']) {
    expect(parseCommand(JSON.stringify({ type, channel: 'room:1' }))).toEqual({ type, channel: 'room:1' });
  }
  expect(parseCommand('{"type":"auth","token":"a.b.c"}')).toEqual({ type: 'auth', token: 'a.b.c' });
});

test('data is what was said, whatever its keys are', () => {
  const data = '{"__proto__":{"a":[null,true,-1.5,"\\u0000"]},"constructor":{},"toJSON":1,"":[]}';
  const told = parseCommand(`{"type":"send","channel":"room:1","data":${data}}`);
  expect(typeof told === 'object' && told.type === 'send' && JSON.stringify(told.data)).toBe(data);
});

test('what no JSON can say is no data', () => {
  for (const data of [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    new Date(),
    Buffer.from('x'),
    [undefined],
    { a: new Map() },
  ])
    expect(commandOf({ type: 'send', channel: 'room:1', data })).toEqual(expect.any(String));
});

test('what is no command is told so, in words without what was in it', () => {
  const secret = 'eyJhbGciOi';
  for (const text of [
    'hello',
    '[]',
    '{"type":"auth"}',
    `{"type":"auth","token":"${secret}","more":1}`,
    `{"type":"auth","token":["${secret}"]}`,
    `{"type":"${secret}"}`,
    '{"type":"send","channel":"room 1","data":1}',
    '{"type":"send","channel":"room:1"}',
    '{"type":"send","channel":"room:1","n":0,"data":1}',
    '{"type":"send","channel":"room:1","n":1.5,"data":1}',
  ]) {
    const told = parseCommand(text);
    expect(told).toEqual(expect.any(String));
    expect(told).not.toContain(secret);
  }
});

test('no text makes it throw, however deep', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseCommand(text)));
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  expect(parseCommand(`{"type":"send","channel":"room:1","data":${deep}}`)).toBe(
    "a command's data is nested too deeply",
  );
  expect(MOST_COMMAND_BYTES).toBeGreaterThan(1024);
});

test('what has no number of its sender is not said twice', () => {
  const send = { type: 'send', channel: 'room:1', data: 'hello' } as const;
  expect([send, { ...send, n: 1 }, { type: 'typing', channel: 'room:1' } as const].map(mayRepeat)).toEqual([
    false,
    true,
    true,
  ]);
});
