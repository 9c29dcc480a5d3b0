import { once } from 'node:events';
import { connect, type ClientHttp2Session, createServer, type Http2Server, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { http2Fields } from '../../scenarios/http2/fields.ts';
import { dataFramesOf, FRAME_HEAD_BYTES, pollHeadBytes } from '../../scenarios/http2/poll-heads.ts';
import { type HpackField, HpackSizes } from '../../scenarios/http2/hpack.ts';
import { headerProfile } from '../registry.ts';

/** What heads take on the wire is computed; here what Node writes is counted, byte for byte. */

let server: Http2Server;
let client: ClientHttp2Session;

beforeAll(async () => {
  server = createServer();
  server.on('stream', (stream) =>
    stream.respond({ ':status': 200, date: 'Thu, 26 Nov 2026 17:00:00 GMT' }, { endStream: true }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(client, 'remoteSettings');
  // The answer to its own settings has gone out with what came first.
  await ask({ ':path': '/first' });
  await new Promise<void>((resolve, reject) => {
    client.ping((error) => (error === null ? resolve() : reject(error)));
  });
});

afterAll(() => {
  client.destroy();
  server.close();
});

async function ask(fields: Record<string, string>): Promise<IncomingHttpHeaders> {
  const stream = client.request(fields);
  const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  stream.resume();
  await once(stream, 'close');
  return answer;
}

test.each(['minimal', 'browser'] as const)('of a client with %s headers, request by request', async (profile) => {
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const said = { ...http2Fields(headerProfile(profile).fetch(host)), authorization: `Bearer ${'aB3.x_'.repeat(40)}` };
  const sizes = new HpackSizes('nghttp2');
  const first: HpackField[] = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':authority', host],
  ];
  // What the requests before have left in the table: the name of the server.
  sizes.bytesOf(first);
  for (const since of [7, 8, 12_345]) {
    const before = client.socket.bytesWritten;
    const path = `/messages?since=${since}`;
    const tag = `"3DAdbIldFNkF-${since}"`;
    await ask({ ':path': path, ...said, 'if-none-match': tag });
    const fields: HpackField[] = [...first, [':path', path], ...Object.entries(said), ['if-none-match', tag]];
    expect(client.socket.bytesWritten - before).toBe(FRAME_HEAD_BYTES + sizes.bytesOf(fields));
  }
});

test('of answers, which keep their date for a second', async () => {
  const sizes = new HpackSizes('nghttp2');
  const answer: HpackField[] = [
    [':status', '200'],
    ['date', 'Thu, 26 Nov 2026 17:00:00 GMT'],
  ];
  const before = client.socket.bytesRead;
  await ask({ ':path': '/' });
  sizes.bytesOf(answer);
  expect(client.socket.bytesRead - before).toBe(FRAME_HEAD_BYTES + sizes.bytesOf(answer));
});

test.each(['minimal', 'browser'] as const)(
  'of polls with %s headers, by the law that reports have',
  async (headers) => {
    const host = '127.0.0.1:3000';
    const requests = new HpackSizes('nghttp2');
    const answers = new HpackSizes('nghttp2');
    const target = '/messages?since=1200';
    const exchange = (second: number): number => {
      const said = Object.entries(http2Fields(headerProfile(headers).fetch(host)));
      const request = requests.bytesOf([
        [':method', 'GET'],
        [':scheme', 'http'],
        [':authority', host],
        [':path', target],
        ...said,
      ]);
      const answer = answers.bytesOf([
        [':status', '200'],
        ['content-type', 'application/json; charset=utf-8'],
        ['cache-control', 'no-store'],
        ['content-length', '2'],
        ['date', `Thu, 26 Nov 2026 17:00:0${second} GMT`],
      ]);
      return request + answer + 4 * FRAME_HEAD_BYTES;
    };
    exchange(0);
    const law = { headers, target, bodyBytes: 2 };
    // Of the digits of a second some take a bit more than others.
    expect(Math.abs(exchange(1) - pollHeadBytes({ ...law, newDates: 1 }))).toBeLessThanOrEqual(1);
    expect(exchange(1)).toBe(pollHeadBytes({ ...law, newDates: 0 }));
  },
);

test('a body takes a frame for each 16 KiB, and one at least', () => {
  expect([0, 2, 16_384, 16_385, 40_000].map(dataFramesOf)).toEqual([1, 1, 1, 2, 3]);
  const law = { headers: 'minimal', target: '/messages', newDates: 0 } as const;
  expect(pollHeadBytes({ ...law, bodyBytes: 20_000 }) - pollHeadBytes({ ...law, bodyBytes: 10_000 })).toBe(
    FRAME_HEAD_BYTES,
  );
});
