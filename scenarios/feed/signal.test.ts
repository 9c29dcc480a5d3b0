import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  encodeSignal,
  isAccepted,
  isAnswer,
  readAnswer,
  readSignal,
  rejected,
  type RejectionReason,
  REJECTIONS,
  type Signal,
} from './signal.ts';

const SIGNALS: readonly Signal[] = [
  { signal: 'welcome', user: 'ann', online: 3, latest: 17 },
  { signal: 'welcome', user: null, online: null, latest: 0 },
  { signal: 'auth_success', user: 'ann' },
  { signal: 'typing', channel: 'room:1', from: 'ann' },
  { signal: 'answer', id: 4, seq: 17 },
  { signal: 'answer', id: null, seq: 17 },
  { signal: 'answer', id: 4, seq: null, again: true },
  { signal: 'answer', id: 4, error: 'no', reason: 'forbidden' },
];

test('signals are read as they were written', () => {
  for (const signal of SIGNALS) expect(readSignal(encodeSignal(signal))).toEqual(signal);
});

test('what is another thing is no signal', () => {
  for (const text of [
    '',
    'hello',
    '{"notice":"gap","from":1,"to":2}',
    '{"signal":"other"}',
    '{"signal":"answer","id":1}',
    '{"signal":"answer","seq":1}',
  ])
    expect(readSignal(Buffer.from(text))).toBeUndefined();
  fc.assert(fc.property(fc.jsonValue(), (value) => void readSignal(Buffer.from(JSON.stringify(value)))));
});

test('an answer says a number or why there is none', () => {
  expect([{ seq: 1 }, { seq: null }, { error: 'no', reason: 'too-many' }, { seq: 'x' }, {}].map(isAnswer)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect([isAccepted({ seq: null }), isAccepted({ error: 'no', reason: 'malformed' })]).toEqual([true, false]);
});

test('an answer that comes by itself is read, and nothing else is', () => {
  const answers = [{ seq: 18 }, ...(Object.keys(REJECTIONS) as RejectionReason[]).map(rejected)];
  for (const answer of answers) expect(readAnswer(Buffer.from(JSON.stringify(answer)))).toEqual(answer);
  for (const text of ['', '[]', 'null', '18', '{"error":"no"}', '{"error":"no","reason":"other"}', '{"seq":1.5}'])
    expect(readAnswer(Buffer.from(text))).toBeUndefined();
});
