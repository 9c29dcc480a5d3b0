import { expect, test } from 'vitest';
import type { SessionCommand } from '../transport.ts';
import { Following } from './following.ts';
import { Speech } from './speech.ts';

function stand() {
  const told: string[] = [];
  const following = new Following({ values: {}, member: { user: 'ann', channels: ['room:1'] } });
  const speech = new Speech({
    following,
    changed: () => told.push('changed'),
    openPosts: () => {
      told.push('opened');
      return {
        say: ({ type }: SessionCommand) => told.push(type),
        goodbye: (user: string, tab: string) => told.push(`goodbye ${user}${tab}`),
        close: () => told.push('closed'),
      };
    },
  });
  return { told, following, speech, say: (command: SessionCommand) => speech.say(command, () => undefined) };
}

const typing = { type: 'typing', channel: 'room:1' } as const;

test('a channel is joined by what is asked for next, and what else is said is posted over one connection', () => {
  const { told, following, speech, say } = stand();
  expect(speech.posts).toBeUndefined();
  say({ type: 'join', channel: 'room:2' });
  expect([told, following.hasChanged]).toEqual([['changed'], true]);
  say(typing);
  say({ type: 'send', channel: 'room:1', data: 'hello' });
  expect(told.slice(1)).toEqual(['opened', 'typing', 'send']);
});

test('a goodbye is said once, also by who said nothing before, and nothing after it', () => {
  const { told, speech, say } = stand();
  speech.goodbye('ann', '&tab=1');
  speech.goodbye('ann', '&tab=1');
  speech.close();
  say(typing);
  expect(told).toEqual(['opened', 'goodbye ann&tab=1']);
});

test('who is closed opens nothing', () => {
  const { told, speech, say } = stand();
  speech.close();
  say(typing);
  speech.goodbye('ann', '');
  expect(told).toEqual([]);
});
