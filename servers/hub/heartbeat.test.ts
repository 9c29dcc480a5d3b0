import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { Heartbeat } from './heartbeat.ts';

afterEach(() => void vi.useRealTimers());

/** Nothing of this process runs for so long. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** What a timer hands on to the end of its turn comes a millisecond later on this clock. */
function fakeClock(): void {
  vi.useFakeTimers();
}

describe('with a clock by hand', () => {
  test('each is called once a period, and never many at once', () => {
    fakeClock();
    const heartbeat = new Heartbeat(6000);
    const calls = Array.from({ length: 150 }, () => 0);
    for (const index of calls.keys()) heartbeat.add(() => (calls[index] = (calls[index] ?? 0) + 1));
    vi.advanceTimersByTime(1);
    for (let period = 1; period <= 3; period++) {
      for (let turn = 0; turn < 60; turn++) {
        const before = calls.reduce((sum, count) => sum + count, 0);
        vi.advanceTimersByTime(100);
        expect(calls.reduce((sum, count) => sum + count, 0) - before).toBeLessThanOrEqual(3);
      }
      expect(calls).toEqual(calls.map(() => period));
    }
  });

  test.each([1, 7, 50, 59])('%i are called all over the period, each of them once in it', (listeners) => {
    fakeClock();
    const heartbeat = new Heartbeat(6000);
    const calls = Array.from({ length: listeners }, () => 0);
    const sum = (): number => calls.reduce((total, count) => total + count, 0);
    for (const index of calls.keys()) heartbeat.add(() => (calls[index] = (calls[index] ?? 0) + 1));
    vi.advanceTimersByTime(1);
    for (let fifth = 1; fifth <= 5; fifth++) {
      vi.advanceTimersByTime(1200);
      expect(Math.abs(sum() - (listeners * fifth) / 5)).toBeLessThan(2);
    }
    expect(calls).toEqual(calls.map(() => 1));
  });

  test('a period is as long as it is to be, however short', () => {
    fakeClock();
    const heartbeat = new Heartbeat(50);
    let calls = 0;
    heartbeat.add(() => (calls += 1));
    vi.advanceTimersByTime(5000);
    expect(calls).toBe(100);
  });

  test('who is taken off is called no more, and without anybody there is no timer', () => {
    fakeClock();
    const heartbeat = new Heartbeat(100);
    const calls = { one: 0, other: 0 };
    const ends = [heartbeat.add(() => (calls.one += 1)), heartbeat.add(() => (calls.other += 1))];
    vi.advanceTimersByTime(101);
    ends[0]?.();
    ends[0]?.();
    vi.advanceTimersByTime(100);
    expect(calls).toEqual({ one: 1, other: 2 });
    ends[1]?.();
    expect(vi.getTimerCount()).toBe(0);
    heartbeat.add(() => (calls.one += 1));
    vi.advanceTimersByTime(101);
    expect(calls).toEqual({ one: 2, other: 2 });
  });

  test('who takes itself off when it is called, and comes back, is called once a period', () => {
    fakeClock();
    const heartbeat = new Heartbeat(10);
    let calls = 0;
    let end = heartbeat.add(again);
    function again(): void {
      calls += 1;
      end();
      end = heartbeat.add(again);
    }
    vi.advanceTimersByTime(1000);
    // Each begins anew.
    expect(calls).toBe(Math.floor(1000 / (10 + 1)));
  });
});

describe('in a process that stood still', REAL_TIME, () => {
  test('nobody is called twice in a row', async () => {
    const heartbeat = new Heartbeat(50);
    const calledNs: number[] = [];
    const enough = Promise.withResolvers<undefined>();
    const end = heartbeat.add(() => {
      calledNs.push(monotonicNs());
      if (calledNs.length === 2) setTimeout(() => standStill(400), 20);
      if (calledNs.length === 6) enough.resolve(undefined);
    });
    await enough.promise;
    end();
    const gapsMs = calledNs.slice(1).map((atNs, index) => (atNs - (calledNs[index] ?? 0)) / 1e6);
    expect(Math.max(...gapsMs)).toBeGreaterThan(300);
    expect(Math.min(...gapsMs)).toBeGreaterThan(25);
  });

  test('a turn that came late is made up for: the period stays as long as it is to be', async () => {
    const heartbeat = new Heartbeat(200);
    const calledNs: number[] = [];
    const enough = Promise.withResolvers<undefined>();
    const end = heartbeat.add(() => {
      calledNs.push(monotonicNs());
      if (calledNs.length === 5) enough.resolve(undefined);
      // Four turns, in each period.
      else setTimeout(() => standStill(40), 70);
    });
    await enough.promise;
    end();
    const [firstNs = 0, lastNs = 0] = [calledNs[0], calledNs.at(-1)];
    expect((lastNs - firstNs) / 1e6).toBeGreaterThan(780);
    expect((lastNs - firstNs) / 1e6).toBeLessThan(860);
  });

  test('what came meanwhile is read before anybody is called', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    socket.resume();
    const heartbeat = new Heartbeat(50);
    const called = Promise.withResolvers<number>();
    const end = heartbeat.add(() => called.resolve(socket.bytesRead));
    client.write('here I am');
    standStill(200);
    expect(await called.promise).toBe(9);
    end();
    client.destroy();
    server.close();
  });
});
