import { expect, test } from 'vitest';
import { encodeBody, encodeMessage, encodeNotice, encodeSaid } from '../../scenarios/feed/message.ts';
import { Audience } from './audience.ts';

const times = { dueNs: 1, publishedNs: 2, data: '{}' };
const said = (channel: string): Buffer => encodeMessage(1, encodeSaid({ channel, from: 'u1', n: 1 }, times));

test('an entry is for those who follow its channel, a notice for everybody', () => {
  const audience = new Audience<string>();
  audience.add('ann', ['feed', 'room:1']);
  audience.add('ben', ['room:1', 'room:2']);
  expect([...audience.of(encodeMessage(1, encodeBody(1, 2, '{}')))]).toEqual(['ann']);
  expect([...audience.of(said('room:1'))]).toEqual(['ann', 'ben']);
  expect([...audience.of(said('room:3'))]).toEqual([]);
  expect([...audience.of(encodeNotice({ notice: 'gap', from: 1, to: 2 }))]).toEqual(['ann', 'ben']);
});

test('who joins hears the next, who leaves does not, who is removed is nowhere', () => {
  const audience = new Audience<string>();
  audience.add('ann', ['room:1']);
  audience.join('ann', 'room:2');
  expect([...audience.of(said('room:2'))]).toEqual(['ann']);
  audience.leave('ann', 'room:1');
  expect([...audience.of(said('room:1'))]).toEqual([]);
  audience.remove('ann', ['room:2']);
  expect([audience.size, [...audience.of(said('room:2'))], [...audience]]).toEqual([0, [], []]);
});
