import type { ServerResponse } from 'node:http';
import type { Entry } from '../../servers/feed/log.ts';
import { Outbox, type Sink } from '../../servers/feed/outbox.ts';
import { BAD_SINCE, parseSince } from '../../servers/feed/position.ts';
import type { OpenDoor } from '../../servers/transport.ts';

/** GET /lines is answered without an end: every entry is a line, in a chunk of its own; how a line ends is a dimension. */
export const openDoor: OpenDoor = ({ app, log, options, onSlowConsumer }) => {
  const lineEnd = Buffer.from(
    new Map<string, unknown>(Object.entries(options.values)).get('ending') === 'crlf' ? '\r\n' : '\n',
  );
  const outboxes = new Map<ServerResponse, Outbox>();

  function subscribe(response: ServerResponse): Outbox {
    const outbox = new Outbox(log, new LineSink(response, lineEnd, options.slowMs), {
      sendBufferBytes: options.sendBufferBytes,
      onSlow: () => {
        onSlowConsumer();
        response.destroy();
      },
    });
    outboxes.set(response, outbox);
    response.once('close', () => {
      outbox.end();
      outboxes.delete(response);
    });
    return outbox;
  }

  app.get<{ Querystring: { since?: string | string[] } }>('/lines', async (request, reply) => {
    const position = parseSince(request.query.since);
    if (position === undefined) return reply.code(400).send({ error: BAD_SINCE });
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close' });
    reply.raw.flushHeaders();
    subscribe(reply.raw).start(position);
    return reply;
  });

  log.follow((entry) => {
    for (const outbox of outboxes.values()) outbox.push(entry);
  });

  return {
    drain: async () => {
      for (const response of outboxes.keys()) response.end();
    },
  };
};

class LineSink implements Sink {
  readonly #response: ServerResponse;
  readonly #lineEnd: Buffer;
  readonly #slowMs: number;
  #stalled: (() => void) | undefined;

  constructor(response: ServerResponse, lineEnd: Buffer, slowMs: number) {
    this.#response = response;
    this.#lineEnd = lineEnd;
    this.#slowMs = slowMs;
  }

  get open(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  get waitingBytes(): number {
    return this.#response.writableLength;
  }

  send(entry: Entry, taken?: () => void): void {
    this.#response.write(Buffer.concat([entry, this.#lineEnd]), taken);
  }

  watch(stalled: (() => void) | undefined): void {
    const { socket } = this.#response;
    if (this.#stalled !== undefined) socket?.setTimeout(0, this.#stalled);
    this.#stalled = stalled;
    if (stalled !== undefined) socket?.setTimeout(this.#slowMs, stalled);
  }
}
