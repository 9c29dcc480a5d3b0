import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import type { OpenDoor } from '../../servers/transport.ts';
import { openDoor as openWebSocketDoor } from '../../servers/websocket/server.ts';
import { changedLog } from './changed-log.ts';

/** The WebSocket door, which sends each message 5 ms later than it could, and does nothing meanwhile. */
const LATER_NS = 5 * NS_PER_MS;
/** A timer rings on a whole millisecond, and up to one late; what is left is slept through on a futex. */
const TIMER_MS = 3;

const futex = new Int32Array(new SharedArrayBuffer(4));

export const openDoor: OpenDoor = (context) =>
  openWebSocketDoor({
    ...context,
    log: changedLog(context.log, (follower) => (entry) => {
      const dueNs = monotonicNs() + LATER_NS;
      setTimeout(() => {
        const restNs = dueNs - monotonicNs();
        if (restNs > 0) Atomics.wait(futex, 0, 0, restNs / NS_PER_MS);
        follower(entry);
      }, TIMER_MS);
    }),
  });
