import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChannelNumbers } from './channel-numbers.ts';

const CHANNELS = ['feed', 'room:1', 'room:2', 'user:ann'];

test('the next number is that of the nearest message in any of the channels, whatever came and went', () => {
  const messages = fc.array(fc.constantFrom(...CHANNELS), { maxLength: 400 });
  const asked = fc.uniqueArray(fc.constantFrom(...CHANNELS, 'quiet'));
  fc.assert(
    fc.property(messages, fc.nat({ max: 100 }), asked, (channels, mostHeld, follows) => {
      const numbers = new ChannelNumbers();
      for (const [index, channel] of channels.entries()) {
        numbers.add(channel, index + 1);
        if (index >= mostHeld) numbers.drop(channels[index - mostHeld] ?? '');
      }
      const oldest = Math.max(0, channels.length - mostHeld);
      for (let seq = 0; seq <= channels.length + 1; seq += 7) {
        const next = channels.findIndex(
          (channel, index) => index >= oldest && index + 1 > seq && follows.includes(channel),
        );
        expect(numbers.next(follows, seq)).toBe(next < 0 ? undefined : next + 1);
      }
    }),
  );
});

test('nothing is left of what is gone', () => {
  const numbers = new ChannelNumbers();
  numbers.drop('feed');
  for (let seq = 1; seq <= 1000; seq++) numbers.add('feed', seq);
  for (let seq = 1; seq < 1000; seq++) numbers.drop('feed');
  expect(numbers.next(['feed'], 0)).toBe(1000);
  numbers.drop('feed');
  expect(numbers.next(['feed'], 0)).toBeUndefined();
  numbers.add('feed', 2000);
  numbers.clear();
  expect(numbers.next(['feed'], 0)).toBeUndefined();
});
