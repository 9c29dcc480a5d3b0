import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer } from '../../scenarios/feed/signal.ts';
import type { Session, SessionCommand } from '../../servers/transport.ts';
import { Commands } from './commands.ts';

/** A connection over which a test answers by hand. */
class Line implements Session {
  readonly bytesRead = 0;
  readonly bytesWritten = 0;
  readonly said: { readonly command: SessionCommand; readonly answer: (answer: Answer) => void }[] = [];

  say(command: SessionCommand, answered: (answer: Answer, receivedNs: number) => void): void {
    this.said.push({ command, answer: (answer) => answered(answer, 1) });
  }

  close(): void {}

  get numbers(): unknown[] {
    return this.said.map(({ command }) => ('n' in command ? command.n : command.type));
  }

  answer(index: number, answer: Answer): void {
    this.said[index]?.answer(answer);
  }
}

const UNAVAILABLE: Answer = { error: 'not now', reason: 'unavailable' };
const OUT_OF_ORDER: Answer = { error: 'not yet', reason: 'out-of-order' };

const send = (n: number): SessionCommand => ({ type: 'send', channel: 'room:1', n, data: n });

let accepted: SessionCommand[];
let commands: Commands;
let answers: [unknown, Answer][];

function say(n: number): void {
  commands.say(send(n), (answer) => answers.push([n, answer]));
}

beforeEach(() => {
  vi.useFakeTimers();
  accepted = [];
  answers = [];
  commands = new Commands((command) => accepted.push(command));
});

afterEach(() => {
  vi.useRealTimers();
});

test('what is said before there is a connection is said over it, in order', () => {
  for (const n of [1, 2, 3]) say(n);
  const line = new Line();
  commands.carryBy(line);
  say(4);
  expect(line.numbers).toEqual([1, 2, 3, 4]);
  line.answer(0, { seq: 9 });
  expect(answers).toEqual([[1, { seq: 9 }]]);
  expect(accepted).toEqual([send(1)]);
});

test('over a new connection all that has no answer is said again, and answers of the old one are nobody’s', () => {
  const [old, line] = [new Line(), new Line()];
  commands.carryBy(old);
  for (const n of [1, 2, 3]) say(n);
  old.answer(1, { seq: 5 });
  commands.drop();
  old.answer(0, { seq: 4 });
  say(4);
  commands.carryBy(line);
  expect(line.numbers).toEqual([1, 3, 4]);
  line.answer(0, { seq: 4, again: true });
  expect(answers).toEqual([
    [2, { seq: 5 }],
    [1, { seq: 4, again: true }],
  ]);
});

test('what cannot be kept at the moment is said again, with what is out of order for that reason', () => {
  const line = new Line();
  commands.carryBy(line);
  for (const n of [1, 2, 3]) say(n);
  line.answer(0, UNAVAILABLE);
  line.answer(1, OUT_OF_ORDER);
  expect(answers).toEqual([]);
  say(4);
  expect(line.numbers).toEqual([1, 2, 3]);
  vi.runAllTimers();
  // The third is on its way still.
  expect(line.numbers).toEqual([1, 2, 3, 1, 2, 4]);
  line.answer(2, OUT_OF_ORDER);
  vi.runAllTimers();
  expect(line.numbers).toEqual([1, 2, 3, 1, 2, 4, 3]);
  line.answer(3, { seq: 7 });
  expect(answers).toEqual([[1, { seq: 7 }]]);
});

test('what is refused for a reason of its own is answered so', () => {
  const line = new Line();
  commands.carryBy(line);
  say(5);
  line.answer(0, OUT_OF_ORDER);
  expect(answers).toEqual([[5, OUT_OF_ORDER]]);
  expect(accepted).toEqual([]);
});

test('no more is on its way than a server has room for', () => {
  const line = new Line();
  commands.carryBy(line);
  for (let n = 1; n <= 100; n++) say(n);
  expect(line.said).toHaveLength(64);
  line.answer(0, { seq: 1 });
  expect(line.said).toHaveLength(65);
});
