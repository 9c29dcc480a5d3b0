import { describe, expect, test } from 'vitest';
import { errorMessage, Failure, type FailureCode, FAILURES, systemErrorCode } from './failures.ts';

const codes = Object.keys(FAILURES) as FailureCode[];

describe('the table of failures', () => {
  test.each(codes)('%s has an exit code that a shell can tell, and a meaning', (code) => {
    const { exitCode, meaning } = FAILURES[code];
    // 1 is a fault of our own, 0 is none, and from 128 on a shell speaks of signals.
    expect(exitCode === 130 || (exitCode >= 2 && exitCode < 126)).toBe(true);
    expect(meaning).toMatch(/^[^\n]+[^.\n]$/);
    expect(new Failure(code, 'what to do').exitCode).toBe(exitCode);
  });

  test('keeps the exit codes that scripts rely on', () => {
    expect(Object.fromEntries(codes.map((code) => [code, FAILURES[code].exitCode]))).toMatchInlineSnapshot(`
      {
        "adapter": 2,
        "assertion": 6,
        "audit": 5,
        "balancer-not-ready": 4,
        "calibration": 7,
        "disk-full": 3,
        "fault-failed": 4,
        "incomplete": 4,
        "interrupted": 130,
        "link-unavailable": 3,
        "missing-program": 3,
        "node-not-ready": 4,
        "port-in-use": 3,
        "process-died": 4,
        "ramp-failed": 4,
        "redis-lost": 4,
        "target-refused": 4,
        "target-unreachable": 4,
        "too-few-descriptors": 3,
        "too-few-ports": 3,
        "trial-stalled": 4,
        "unmergeable": 3,
        "unreadable": 3,
        "unwritable": 3,
        "usage": 2,
      }
    `);
  });
});

test('a failure is an error with its code and cause', () => {
  const cause = new Error('below');
  const failure = new Failure('redis-lost', 'Redis went away; start it', { cause });
  expect(failure).toBeInstanceOf(Error);
  expect(failure).toMatchObject({ name: 'Failure', code: 'redis-lost', message: 'Redis went away; start it', cause });
});

test('a failure is one line that no terminal obeys, whatever it quotes', () => {
  const message = 'not JSON: "hello\n\tthere\u001B[2J" \r\n it ends ';
  expect(new Failure('unreadable', message).message).toBe('not JSON: "hello there [2J" it ends ');
});

test('the code of the operating system is found where there is one', () => {
  expect(systemErrorCode(Object.assign(new Error('no space'), { code: 'ENOSPC' }))).toBe('ENOSPC');
  expect(systemErrorCode(Object.assign(new Error('a number'), { code: 7 }))).toBeUndefined();
  expect(systemErrorCode(new Error('none'))).toBeUndefined();
  expect(systemErrorCode({ code: 'ENOSPC' })).toBeUndefined();
  expect(systemErrorCode(undefined)).toBeUndefined();
});

test('what was thrown has a message, whatever it is', () => {
  expect(errorMessage(new Error('why'))).toBe('why');
  expect(errorMessage('text')).toBe('text');
  expect(errorMessage(undefined)).toBe('undefined');
});
