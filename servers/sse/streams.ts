import type { ServerResponse } from 'node:http';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { encodeSignal } from '../../scenarios/feed/signal.ts';
import { isListener } from '../answering/caller.ts';
import { acceptsGzip } from '../compression/accept-encoding.ts';
import { Audience } from '../feed/audience.ts';
import { EncodedOnce } from '../feed/encoded-once.ts';
import type { Position, ReadableLog } from '../feed/log.ts';
import { Outbox } from '../feed/outbox.ts';
import { REFUSALS } from '../hub/admission.ts';
import { Heartbeat } from '../hub/heartbeat.ts';
import { closing } from '../http2/lane.ts';
import type { Caller, Member } from '../hub/hub.ts';
import type { DoorContext } from '../transport.ts';
import { encodeEvent, encodeRetry } from './event.ts';
import { GzipBody } from './gzip-body.ts';

import { retryMs } from './retry.ts';
import { type EventBody, EventStream } from './stream.ts';

/** What the HTML Standard advises against proxies that end what is silent ("Authoring notes"). */
const SIGN_OF_LIFE_MS = 15_000;

const HEAD = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // nginx would wait for more before it passes anything on.
  'x-accel-buffering': 'no',
};

/** The streams of a door, and who of them is to get what. */
export class EventStreams {
  readonly #context: DoorContext;
  readonly #events = new EncodedOnce(encodeEvent);
  readonly #heartbeat: Heartbeat;
  readonly #streams = new Set<EventStream>();
  readonly #anybody = new Set<Outbox>();
  readonly #members = new Audience<Outbox>();

  constructor(context: DoorContext) {
    this.#context = context;
    // Twice a heartbeat at least: what nobody acknowledges for so long tells that nobody is there any more.
    this.#heartbeat = new Heartbeat(Math.min(SIGN_OF_LIFE_MS, context.options.heartbeatMs / 2));
    context.hub.feed.follow((entry) => {
      for (const outbox of this.#anybody) outbox.push(entry);
    });
    context.hub.log.follow((entry) => {
      for (const outbox of this.#members.of(entry)) outbox.push(entry);
    });
  }

  /** For whoever follows the feed without a name. */
  listen(response: ServerResponse, position: Position): void {
    this.#hear(response, this.#open(response)).start(position);
  }

  /** For whoever has a name, who is told so first, or follows channels. */
  async follow(response: ServerResponse, caller: Caller, position: Position): Promise<void> {
    const { hub } = this.#context;
    const { identity, channels } = caller;
    const stream = this.#open(response);
    const member = hub.enter(identity, channels, {
      joined: () => undefined,
      left: () => undefined,
      signal: (bytes) => stream.signal(bytes),
      expired: () => void stream.end(REFUSALS['expired-token'].error),
    });
    response.once('close', () => member.leave());
    if (identity.user !== undefined) stream.signal(encodeSignal(await hub.welcome(identity)));
    if (!stream.open) return;
    const outbox = isListener(hub, caller) ? this.#hear(response, stream) : this.#attend(response, stream, member);
    outbox.start(position);
  }

  async end(reason: string): Promise<void> {
    await Promise.all([...this.#streams].map(async (stream) => stream.end(reason)));
  }

  #open(response: ServerResponse): EventStream {
    const { values, sendBufferBytes, slowMs } = this.#context.options;
    const encode = this.#events.of.bind(this.#events);
    const stream = new EventStream(response, beginAnswer(response, values), { encode, sendBufferBytes, slowMs });
    this.#streams.add(stream);
    const silence = this.#heartbeat.add(() => stream.giveSignOfLife());
    response.once('close', () => {
      silence();
      this.#streams.delete(stream);
    });
    return stream;
  }

  /** What the door has for all. */
  #hear(response: ServerResponse, stream: EventStream): Outbox {
    const outbox = this.#outboxOf(stream, this.#context.hub.feed);
    this.#anybody.add(outbox);
    response.once('close', () => {
      outbox.end();
      this.#anybody.delete(outbox);
    });
    return outbox;
  }

  #attend(response: ServerResponse, stream: EventStream, { channels, log }: Member): Outbox {
    const outbox = this.#outboxOf(stream, log);
    this.#members.add(outbox, channels);
    response.once('close', () => {
      outbox.end();
      this.#members.remove(outbox, channels);
    });
    return outbox;
  }

  #outboxOf(stream: EventStream, followed: ReadableLog): Outbox {
    return new Outbox(followed, stream, {
      sendBufferBytes: this.#context.options.sendBufferBytes,
      onSlow: (reason) => {
        this.#context.onSlowConsumer();
        void stream.end(reason);
      },
    });
  }
}

/** Sends the head, and what a client is told before any event. */
export function beginAnswer(response: ServerResponse, { compression, retry }: DimensionValues): EventBody {
  const isGzip = compression === 'gzip' && acceptsGzip(response.req.headers['accept-encoding']);
  if (compression === 'gzip') response.appendHeader('vary', 'Accept-Encoding');
  if (isGzip) response.setHeader('content-encoding', 'gzip');
  // A stream is the last that a connection is for.
  response.writeHead(200, { ...HEAD, ...closing(response.req) }).flushHeaders();
  const body = isGzip ? new GzipBody(response) : response;
  const wait = retryMs(retry);
  if (wait !== undefined) body.write(encodeRetry(wait));
  return body;
}
