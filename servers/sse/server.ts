import type { IncomingHttpHeaders } from 'node:http';
import { type AskedQuery, callerOf, isAnybody, refuse } from '../answering/caller.ts';
import { routeCommands } from '../answering/commands.ts';
import type { Position } from '../feed/log.ts';
import { BAD_SINCE, parseSince } from '../feed/position.ts';
import { laneOf } from '../http2/lane.ts';
import type { OpenDoor } from '../transport.ts';
import { beginAnswer, EventStreams } from './streams.ts';

const PATH = '/events';

/** GET /events is answered without an end: every entry is an event, and its id is where to go on from. */
export const openDoor: OpenDoor = (context) => {
  const { app, hub, options } = context;
  const streams = new EventStreams(context);
  let draining = false;

  app.get<{ Querystring: AskedQuery }>(PATH, async (request, reply) => {
    const position = positionOf(request.query.since, request.headers);
    if (position === undefined) return reply.code(400).send({ error: BAD_SINCE });
    const caller = isAnybody(hub, request.query) ? undefined : await callerOf(hub, request);
    if (typeof caller === 'string') return refuse(reply, caller);
    if (draining) return reply.code(503).send({ error: 'shutting down' });
    reply.hijack();
    // It may have gone while it was found out who asks.
    if (laneOf(request.raw).destroyed) return reply;
    if (request.method === 'HEAD') beginAnswer(reply.raw, options.values).end();
    else if (caller === undefined) streams.listen(reply.raw, position);
    else await streams.follow(reply.raw, caller, position);
    return reply;
  });
  routeCommands(context, PATH);

  return {
    drain: async () => {
      draining = true;
      await streams.end('server shutting down');
    },
  };
};

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
