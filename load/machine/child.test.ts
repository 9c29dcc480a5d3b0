import { expect, test } from 'vitest';
import { startChild } from './child.ts';

const host = { address: '127.0.0.1', enter: [] };

function start(program: string, troubles: Error[]): ReturnType<typeof startChild<object, { kind: string }>> {
  const command = [process.execPath, '-e', program];
  return startChild({ name: 'a child', command, host, cores: [] }, (error) => troubles.push(error));
}

test('a child that ends by itself is trouble, with its last words', async () => {
  const troubles: Error[] = [];
  const child = start('throw new TypeError("no such thing")', troubles);
  await child.exited;
  expect(troubles.map(({ message }) => message)).toEqual([
    `a child (pid ${child.pid}) ended by itself with exit code 1: TypeError: no such thing; run again`,
  ]);
});

test('one that was told to end is none', async () => {
  const troubles: Error[] = [];
  const child = start(
    'process.send({ kind: "ready" }); process.once("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)',
    troubles,
  );
  await child.next('ready');
  await child.stop(5000);
  expect(troubles).toEqual([]);
});

test('one that does not listen is killed', async () => {
  const troubles: Error[] = [];
  const child = start(
    'process.on("SIGTERM", () => {}); process.send({ kind: "ready" }); setInterval(() => {}, 1000)',
    troubles,
  );
  await child.next('ready');
  await child.stop(50);
  expect(troubles).toEqual([]);
});

test('a program that is not there is trouble, and no crash', async () => {
  const troubles: Error[] = [];
  const child = startChild({ name: 'a child', command: ['no-such-program'], host, cores: [] }, (error) =>
    troubles.push(error),
  );
  await child.exited;
  expect(troubles[0]?.message).toMatch(/^cannot start a child: .*ENOENT/);
  await child.stop(50);
});
