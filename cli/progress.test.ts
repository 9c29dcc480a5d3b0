import * as fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { barText, type Screen, showProgress } from './progress.ts';

const STATE = {
  share: 0.5,
  leftNs: 245e9,
  place: '3/12',
  phase: 'waiting for the last deliveries',
  title: 'ticker: HTTP long-polling, Redis pub/sub × 3, native, 2 clients',
};

const CLEAR = '\r\u001B[K';
const EMPTY_BAR = '░'.repeat(24);

afterEach(() => {
  vi.unstubAllEnvs();
});

test('what is left, the trial and its phase are on the line at 80 columns, and the title as far as it goes', () => {
  expect(barText(STATE, 79)).toBe('4:05 left  3/12  waiting for the last deliveries  ticker: HTTP long-polling, R…');
  expect(barText({ ...STATE, phase: 'measuring', title: 'ticker: WebSocket' }, 79)).toBe(
    '████████████░░░░░░░░░░░░  4:05 left  3/12  measuring  ticker: WebSocket',
  );
  expect(barText({ ...STATE, phase: 'measuring' }, 110)).toMatch(/^█{6}░{6} {2}4:05 left .* 2 clients$/);
});

test('the line is never longer than the screen, and loses the title before the phase', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.string({ unit: 'grapheme' }), (columns, title) => {
      const text = barText({ ...STATE, title }, columns);
      expect(text.length).toBeLessThanOrEqual(columns);
      expect(text).toContain('4:05 left  3/12  waiting for the last deliveries'.slice(0, columns));
    }),
  );
});

function shownOn(screen: Partial<Screen>): string {
  let shown = '';
  const progress = showProgress([], { isTTY: true, ...screen, write: (text) => (shown += text) });
  progress.say('a line\u001B[31m');
  progress.end();
  return shown;
}

test.each(['dumb', ''])('a terminal of type "%s" gets plain lines', (term) => {
  vi.stubEnv('TERM', term);
  expect(shownOn({})).toBe('a line␛[31m\n');
});

test('a terminal gets a bar under the lines, and an empty line at the end', () => {
  vi.stubEnv('TERM', 'xterm');
  expect(shownOn({ columns: 0 })).toBe(
    `${CLEAR}a line␛[31m\n${CLEAR}\u001B[?7l${EMPTY_BAR}  0:00 left  starting\u001B[?7h${CLEAR}`,
  );
  expect(shownOn({ isTTY: false })).toBe('a line␛[31m\n');
});

test('a terminal that stands still gets no more of the bar', () => {
  vi.stubEnv('TERM', 'xterm');
  vi.useFakeTimers();
  try {
    const written: string[] = [];
    const screen = { isTTY: true, isBusy: true, write: (text: string) => written.push(text) };
    const progress = showProgress([], screen);
    vi.advanceTimersByTime(2000);
    expect(written).toEqual([]);
    screen.isBusy = false;
    vi.advanceTimersByTime(250);
    expect(written).toHaveLength(1);
    progress.end();
  } finally {
    vi.useRealTimers();
  }
});
