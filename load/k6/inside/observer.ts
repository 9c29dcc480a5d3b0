import { sleep } from 'k6';
import { Counter, Trend } from 'k6/metrics';
import { setTimeout } from 'k6/timers';
import type { Notice } from '../../../scenarios/feed/message.ts';
import { foreignInWords } from '../../../scenarios/printable.ts';
import { endInWords, type SessionEnd } from '../../../scenarios/session-end.ts';
import { NS_PER_MS } from '../../../scenarios/units.ts';
import { FaultMetrics } from './fault-metrics.ts';
import {
  type HostLine,
  type Line,
  LINE_MARK,
  MESSAGE_FIGURES,
  MOST_ANSWER_MS,
  MOST_SILENCE_MS,
  TELL_EVERY_MS,
} from '../lines.ts';

/** Told what one subscriber sees. */
export interface Observer {
  /** The subscription stands. */
  opened(): void;
  /** Where the MESSAGE_FIGURES of a message are put, before `message` is called. */
  readonly figures: number[];
  readonly message: () => void;
  notice(notice: Notice): void;
  foreign(text: string): void;
  /** An HTTP answer with that many messages. */
  answered(messages: number, receivedMs: number): void;
  /**
   * The script is about to wait for the next message, for so many milliseconds at most: after that, what was kept back has
   * to be told.
   */
  readonly waiting: () => number;
  /** Tells all that was kept back. */
  readonly tellAll: () => void;
  /** The session ended before it was told to. */
  ended(end: SessionEnd): void;
  /** The session ends, as it was told to. */
  readonly left: () => void;
}

const staleness = new Trend('staleness', true);
const delivered = new Counter('delivered');
const unexpectedCloses = new Counter('unexpected_closes');
const answers = new Counter('answers');
const emptyAnswers = new Counter('empty_answers');

/** Audits one subscriber from message `before` on, and puts what it finds into metrics of k6. */
export function metricsObserver(before: number, clockOffsetMs: number): Observer {
  const faults = new FaultMetrics(before);
  const figures: number[] = [];

  return {
    figures,
    opened: () => {
      faults.begin();
      unexpectedCloses.add(0);
    },
    message: () => {
      const [seq = 0, dueNs = 0, publishedNs = 0, , receivedMs = 0] = figures;
      figures.length = 0;
      delivered.add(1);
      staleness.add(receivedMs - clockOffsetMs - dueNs / NS_PER_MS);
      faults.message(seq, publishedNs);
    },
    notice: (notice) => faults.notice(notice),
    foreign: () => faults.foreign(),
    answered: (messages) => {
      answers.add(1);
      if (messages === 0) emptyAnswers.add(1);
    },
    // A metric goes out at once.
    waiting: () => MOST_ANSWER_MS,
    tellAll: () => undefined,
    left: () => undefined,
    ended: (end) => {
      unexpectedCloses.add(1);
      throw new Error(`a subscriber ended: ${endInWords(end)}`);
    },
  };
}

/** After which a chunk is told, however long it has waited. */
const MOST_FIGURES = 100 * MESSAGE_FIGURES;
const VERY_LONG_SECONDS = 86_400;

/** Tells feedbench what one subscriber sees, in chunks; the audit is made there. */
export function lineObserver(client: number, { by, phase, messages: chunk, stays }: Telling): Observer {
  const { figures, answered, tellAll } = openChunk(client);
  let enough = Math.ceil(phase * chunk) * MESSAGE_FIGURES;
  let isTimed = false;

  const tellLater = (): void => {
    isTimed = true;
    setTimeout(
      () => {
        isTimed = false;
        tellAll();
      },
      TELL_EVERY_MS - ((Date.now() - phase * TELL_EVERY_MS) % TELL_EVERY_MS),
    );
  };

  return {
    figures,
    opened: () => tell({ kind: 'opened', client, atMs: Date.now() }),
    message: () => {
      if (figures.length >= MOST_FIGURES) tellAll();
      else if (by === 'timer' && !isTimed) tellLater();
    },
    notice: (notice) => {
      tellAll();
      tell({ kind: 'notice', client, notice });
    },
    foreign: (text) => tell({ kind: 'foreign', client, words: foreignInWords(text) }),
    answered: (messages, receivedMs) => {
      answered.push(messages, receivedMs);
    },
    waiting: () => {
      if (figures.length >= enough || figures.length === 0) {
        tellAll();
        enough = chunk * MESSAGE_FIGURES;
      }
      return figures.length === 0 ? MOST_ANSWER_MS : MOST_SILENCE_MS;
    },
    tellAll,
    ended: (end) => {
      tellAll();
      tell({ kind: 'ended', client, end, atMs: Date.now() });
      if (stays) sleep(VERY_LONG_SECONDS);
    },
    left: () => {
      tellAll();
      tell({ kind: 'left', client });
    },
  };
}

/** The figures of a line that is still to be told. */
function openChunk(client: number): { figures: number[]; answered: number[]; tellAll: () => void } {
  const seen = `${LINE_MARK}{"kind":"seen","client":${client},"messages":[`;
  const figures: number[] = [];
  const answered: number[] = [];
  return {
    figures,
    answered,
    tellAll: () => {
      if (figures.length === 0 && answered.length === 0) return;
      // The numbers as JSON has them, without the price of JSON.stringify.
      print(`${seen}${figures.join()}],"answers":[${answered.join()}]}`);
      figures.length = 0;
      answered.length = 0;
    },
  };
}

/**
 * When a chunk is told: by a timer; or, by a script that blocks, once it has so many messages. Each client has a phase of
 * its own, 0..1, so that not all of them tell at once, in the way of the next message.
 */
export interface Telling {
  readonly by: 'timer' | 'script';
  readonly phase: number;
  readonly messages: number;
  /** Holds on to the VU of a session that has ended: k6 ends when none is left, and somebody else is to say when. */
  readonly stays: boolean;
}

export function tell(line: Line | HostLine): void {
  print(LINE_MARK + JSON.stringify(line));
}

// oxlint-disable-next-line no-console -- the one way out of a script of k6
const print = console.log;
