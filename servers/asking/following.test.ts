import { expect, test } from 'vitest';
import { MOST_CHANNELS } from '../../scenarios/feed/channels.ts';
import type { Answer } from '../../scenarios/feed/signal.ts';
import { Following } from './following.ts';

const ann = { user: 'ann', channels: ['room:1'] };

interface Stand {
  readonly following: Following;
  /** What was answered, in its order. */
  readonly answers: Answer[];
  readonly change: (type: 'join' | 'leave', channel: string) => void;
}

function stand(member?: typeof ann): Stand {
  const following = new Following({ values: {}, ...(member !== undefined && { member }) });
  const answers: Answer[] = [];
  return {
    following,
    answers,
    change: (type, channel) => following.change({ type, channel }, (answer) => answers.push(answer)),
  };
}

const after = (seq: number) => ({ kind: 'after', seq }) as const;

test('a client that is nobody asks for nothing but the feed, and says nothing of it', () => {
  const { following } = stand();
  expect([following.query, following.hasChanged]).toEqual(['', false]);
});

test('a channel is joined and left by the next request, which tells from where on', () => {
  const { following, answers, change } = stand(ann);
  expect(following.query).toBe('&channels=room:1&user=ann');
  change('join', 'room:2');
  change('leave', 'room:1');
  expect([following.query, following.hasChanged]).toEqual(['&channels=room:2&user=ann', true]);
  expect(answers).toEqual([]);
  following.asked(after(17));
  expect(following.hasChanged).toBe(false);
  following.asked(after(18));
  expect(answers).toEqual([{ seq: 17 }, { seq: 17 }]);
});

test('who has nothing yet joins from the beginning', () => {
  const { following, answers, change } = stand(ann);
  change('join', 'room:2');
  following.asked({ kind: 'oldest' });
  expect(answers).toEqual([{ seq: 0 }]);
});

test('what is changed while answers are told waits for the request after it', () => {
  const { following, answers, change } = stand(ann);
  following.change({ type: 'join', channel: 'room:2' }, () => change('join', 'room:3'));
  following.asked(after(1));
  expect([answers, following.hasChanged]).toEqual([[], true]);
  following.asked(after(2));
  expect(answers).toEqual([{ seq: 2 }]);
});

test('a client that is nobody may follow rooms beside the feed', () => {
  const { following, change } = stand();
  change('join', 'room:1');
  expect(following.query).toBe('&channels=feed,room:1');
});

test('what the server would refuse is not asked for', async () => {
  const { following, answers, change } = stand(ann);
  change('join', 'user:ben');
  change('leave', 'user:ann');
  await Promise.resolve();
  expect(answers).toEqual([
    expect.objectContaining({ reason: 'forbidden' }),
    expect.objectContaining({ reason: 'forbidden' }),
  ]);
  expect([following.query, following.hasChanged]).toEqual(['&channels=room:1&user=ann', false]);
});

test('nobody follows more than a server allows, and joining again is no more', async () => {
  const { following, answers, change } = stand(ann);
  for (let index = 2; index <= MOST_CHANNELS; index++) change('join', `room:${index}`);
  change('join', 'room:1');
  following.asked(after(1));
  expect(answers).toEqual(Array.from({ length: MOST_CHANNELS }, () => ({ seq: 1 })));
  change('join', 'room:one-more');
  await Promise.resolve();
  expect(answers.at(-1)).toMatchObject({ reason: 'too-many' });
  expect(following.hasChanged).toBe(false);
});
