import { createServer, get } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { DelayRelay } from './delay-relay.ts';

/** Sends back what comes, and closes when its client does. */
async function openEcho(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer((request, response) => void request.pipe(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answerOf(port: number): Promise<void> {
  const [answer] = (await once(get({ port, host: '127.0.0.1', agent: false }), 'response')) as [AsyncIterable<Buffer>];
  for await (const bytes of answer) void bytes;
}

test('a delay is on the way there and on the way back, as it is at the moment', async () => {
  await using server = await openEcho();
  let delayMs = 60;
  await using relay = new DelayRelay({ host: '127.0.0.1', serverPort: server.port, delayMs: () => delayMs });
  const port = await relay.open();
  const startMs = performance.now();
  await answerOf(port);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(119);
  delayMs = 0;
  await answerOf(port);
  expect(relay.passed.requests).toBe(2);
  expect(relay.passed.bytesUp).toBeGreaterThan(80);
  expect(relay.passed.bytesDown).toBeGreaterThan(80);
  relay.reset();
  expect(relay.passed).toEqual({ requests: 0, bytesDown: 0, bytesUp: 0 });
});

test('what is sent while the delay shrinks keeps its order, and requests on one connection are counted each', async () => {
  await using server = await openEcho();
  let delayMs = 80;
  await using relay = new DelayRelay({ host: '127.0.0.1', serverPort: server.port, delayMs: () => delayMs });
  const socket = connect(await relay.open(), '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => (text += part));
  const post = (body: string): string => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  socket.write(post('first'));
  await expect.poll(() => relay.passed.requests).toBe(1);
  delayMs = 0;
  socket.write(post('second'));
  await expect.poll(() => relay.passed.requests).toBe(2);
  socket.write(post('third'));
  await expect.poll(() => text).toContain('third');
  expect(text.indexOf('first')).toBeLessThan(text.indexOf('second'));
  expect(text.indexOf('second')).toBeLessThan(text.indexOf('third'));
  expect(relay.passed.requests).toBe(3);
  socket.destroy();
});
