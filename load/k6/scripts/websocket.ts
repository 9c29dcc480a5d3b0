import { WebSocket } from 'k6/websockets';
import { takeEntries } from '../inside/entries.ts';
import { leaveInTime } from '../inside/leaving.ts';
import { subscriberOptions } from '../inside/settings.ts';
import { finish, prepare, type Start, thisSubscriber } from '../inside/subscriber.ts';
import { endOfSocket } from '../told-end.ts';

/**
 * Subscribers of a feedbench node over WebSocket: every message is pushed in a frame of its own.
 *
 *   k6 run load/k6/scripts/websocket.ts -e URL=ws://127.0.0.1:3001 -e CLIENTS=200 -e DURATION=30s -e MAX_STALENESS=50ms
 *
 * URL            the node, or several with commas between; clients are spread over them
 * CLIENTS        how many subscribers, one VU each (50)
 * DURATION       how long they listen (10s)
 * MAX_STALENESS  the staleness that 99 % of deliveries may have at most; beyond it k6 exits with 99
 * CLOCK_OFFSET_NS  wall clock minus the nodes' monotonic clock, for nodes that do not tell it
 * PUBLISHER      who plays the feed where several k6 load one cluster (`feedbench publish`): it tells the rest
 *
 * Besides k6's own metrics: staleness (from when a message was due to when it can be read here), delivered, lost,
 * duplicated, reordered, misplaced, foreign, unexpected_closes; any of lost to foreign makes k6 exit
 * with 99 too. Only messages from the start of the test on count. The checksum of a message is not looked at.
 */
export const options = subscriberOptions();

export function setup(): Start {
  return prepare('websocket');
}

export function teardown(start: Start): void {
  finish(start);
}

export function subscribe(start: Start): void {
  const subscriber = thisSubscriber(start, { blocks: false });
  const { target, since, observer } = subscriber;
  const take = takeEntries(observer);
  const socket = new WebSocket(
    `${target.isSecure === true ? 'wss' : 'ws'}://${target.host}/ws?since=${since ?? 0}`,
    null,
    {
      headers: { ...target.headers, 'Sec-WebSocket-Protocol': 'json' },
    },
  );
  let words = '';
  let closing = false;
  let latest = since ?? 0;

  socket.addEventListener('open', () => {
    observer.opened();
    leaveInTime(subscriber, start, { latest: () => latest, leave });
  });
  // The event's time was taken when the frame had been read, with its fraction, however late this runs.
  socket.addEventListener('message', (event) => {
    if ('data' in event && typeof event.data === 'string') latest = take(event.data, event.timestamp, latest);
    else observer.foreign('a binary frame');
  });
  socket.addEventListener('error', (event) => {
    if ('error' in event) words = event.error;
  });
  socket.addEventListener('close', (event) => {
    if (!closing) observer.ended(endOfSocket(event, words));
  });

  function leave(): void {
    closing = true;
    observer.left();
    socket.close();
  }
}
