import { monotonicNs } from '../../scenarios/clock.ts';
import { encodeMessage } from '../../scenarios/feed/message.ts';
import { headerProfile } from '../registry.ts';
import type { SessionOptions } from '../transport.ts';
import { encodeAnswer } from '../wire/http-answer.ts';
import { HttpSession } from '../asking/http-session.ts';
import { bodyOf, numbers, TestSubscriber } from './test-subscriber.ts';

/** An answer with its length, under whatever head. */
export function answer(body: Buffer, head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json'): Buffer {
  return Buffer.concat([Buffer.from(`${head}\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
}

/** The same in chunks of so many bytes, with all that may stand beside them. */
export function chunkedAnswer(body: Buffer, chunkBytes: number, head = 'HTTP/1.1 200 OK'): Buffer {
  const chunks: Buffer[] = [Buffer.from(`${head}\r\nTransfer-Encoding: chunked\r\n\r\n`)];
  for (let at = 0; at < body.length; at += chunkBytes) {
    const part = body.subarray(at, at + chunkBytes);
    chunks.push(Buffer.from(`${part.length.toString(16)}; name="va;lue"\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\nTrailer: x\r\nOther: y\r\n\r\n')]);
}

export function messages(first: number, last: number, data: unknown = 'x'): Buffer[] {
  return numbers(first, last).map((seq) => encodeMessage(seq, bodyOf(data)));
}

/** The body that holds the message after the one that a request's head names. */
export function nextMessage(head: string): Buffer {
  const since = Number(/since=(\d+)/.exec(head)?.[1] ?? 0);
  return encodeAnswer(messages(since + 1, since + 1));
}

/** A session that asks again after each answer until it has had `most`. */
export function ask(
  { port }: { readonly port: number },
  most = 1,
  options: Partial<SessionOptions> = {},
): TestSubscriber {
  const subscriber = new TestSubscriber();
  const poll = { originNs: monotonicNs(), intervalNs: 1e9 };
  const session = new HttpSession(
    {
      host: '127.0.0.1',
      port,
      position: { kind: 'oldest' },
      values: {},
      headers: headerProfile('minimal'),
      poll,
      ...options,
    },
    subscriber,
    {
      path: '/messages',
      answered: () => {
        if (subscriber.answers.length < most) session.request();
      },
      ended: () => undefined,
    },
  );
  subscriber.session = session;
  return subscriber;
}
