import { setTimeout } from 'k6/timers';
import { WebSocket } from 'k6/websockets';
import { takeEntries } from '../inside/entries.ts';
import { SETTINGS, subscriberOptions } from '../inside/settings.ts';
import { prepare, type Start, thisSubscriber } from '../inside/subscriber.ts';
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
 *
 * Besides k6's own metrics: staleness (from when a message was due to when it can be read here), delivered, lost,
 * duplicated, reordered, misplaced, foreign, unexpected_closes; any of lost to foreign makes k6 exit
 * with 99 too. Only messages from the start of the test on count. The checksum of a message is not looked at.
 */
export const options = subscriberOptions();

export function setup(): Start {
  return prepare('websocket');
}

export function subscribe(start: Start): void {
  const { target, since, observer } = thisSubscriber(start, { blocks: false });
  const take = takeEntries(observer);
  const socket = new WebSocket(`ws://${target.host}/ws?since=${since ?? 0}`, null, {
    headers: { ...target.headers, 'Sec-WebSocket-Protocol': 'json' },
  });
  let words = '';
  let closing = false;

  socket.addEventListener('open', () => {
    observer.opened();
    if (SETTINGS.by === 'plan') return;
    setTimeout(() => {
      closing = true;
      socket.close();
    }, SETTINGS.durationMs);
  });
  // The event's time was taken when the frame had been read, with its fraction, however late this runs.
  socket.addEventListener('message', (event) => {
    if ('data' in event && typeof event.data === 'string') take(event.data, event.timestamp, 0);
    else observer.foreign('a binary frame');
  });
  socket.addEventListener('error', (event) => {
    if ('error' in event) words = event.error;
  });
  socket.addEventListener('close', (event) => {
    if (!closing) observer.ended(endOfSocket(event, words));
  });
}
