import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { DimensionValues } from '../../scenarios/dimensions.ts';
import { acceptsGzip } from '../compression/accept-encoding.ts';
import { EncodedOnce } from '../feed/encoded-once.ts';
import type { Position } from '../feed/log.ts';
import { Outbox } from '../feed/outbox.ts';
import { BAD_SINCE, parseSince } from '../feed/position.ts';
import { Heartbeat } from '../hub/heartbeat.ts';
import type { OpenDoor } from '../transport.ts';
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
  // A stream is the last that a connection is for.
  connection: 'close',
};

/** GET /events is answered without an end: every entry is an event, and its id is where to go on from. */
export const openDoor: OpenDoor = ({ app, log, options, onSlowConsumer }) => {
  const events = new EncodedOnce(encodeEvent);
  const heartbeat = new Heartbeat(SIGN_OF_LIFE_MS);
  const streamOptions = { encode: events.of.bind(events), slowMs: options.slowMs };
  const outboxes = new Map<EventStream, Outbox>();
  let draining = false;

  function subscribe(response: ServerResponse): Outbox {
    const body = beginAnswer(response, options.values);
    const stream = new EventStream(response, body, streamOptions);
    const outbox = new Outbox(log, stream, {
      sendBufferBytes: options.sendBufferBytes,
      onSlow: (reason) => {
        onSlowConsumer();
        void stream.end(reason);
      },
    });
    outboxes.set(stream, outbox);
    const silence = heartbeat.add(() => stream.giveSignOfLife());
    response.once('close', () => {
      silence();
      outbox.end();
      outboxes.delete(stream);
    });
    return outbox;
  }

  app.get<{ Querystring: { since?: string | string[] } }>('/events', async (request, reply) => {
    const position = positionOf(request.query.since, request.headers);
    if (position === undefined) return reply.code(400).send({ error: BAD_SINCE });
    if (draining) return reply.code(503).send({ error: 'shutting down' });
    // Behind an answer that is not finished, a stream would wait for its turn and pile up meanwhile.
    if (reply.raw.socket === null) return reply.code(400).send({ error: PIPELINED });
    reply.hijack();
    if (request.method === 'HEAD') beginAnswer(reply.raw, options.values).end();
    else subscribe(reply.raw).start(position);
    return reply;
  });

  log.follow((entry) => {
    for (const outbox of outboxes.values()) outbox.push(entry);
  });

  return {
    drain: async () => {
      draining = true;
      await Promise.all([...outboxes.keys()].map(async (stream) => stream.end('server shutting down')));
    },
  };
};

/** Sends the head, and what a client is told before any event. */
function beginAnswer(response: ServerResponse, { compression, retry }: DimensionValues): EventBody {
  const isGzip = compression === 'gzip' && acceptsGzip(response.req.headers['accept-encoding']);
  if (compression === 'gzip') response.appendHeader('vary', 'Accept-Encoding');
  if (isGzip) response.setHeader('content-encoding', 'gzip');
  response.writeHead(200, HEAD).flushHeaders();
  const body = isGzip ? new GzipBody(response) : response;
  const wait = retryMs(retry);
  if (wait !== undefined) body.write(encodeRetry(wait));
  return body;
}

const PIPELINED =
  'a stream cannot be asked for behind another request that is not answered yet: open a connection for it';

/**
 * EventSource says its Last-Event-ID with each reconnect, to the URL it was made with: the header is the newer one, and the
 * query is where the page began.
 */
function positionOf(since: string | readonly string[] | undefined, headers: IncomingHttpHeaders): Position | undefined {
  const last = headers['last-event-id'];
  const asked = parseSince(since);
  // An empty one is none: no event had an id.
  return last === undefined || last === '' || asked === undefined ? asked : parseSince(last);
}
