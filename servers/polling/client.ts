import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { HttpSession } from '../wire/http-session.ts';
import type { OpenSession } from '../transport.ts';

/**
 * Polls at originNs + k × intervalNs, an absolute grid: polls do not drift with the server's turnaround, and one whose
 * predecessor is still unanswered is left out. The first request is sent at once, to confirm the subscription.
 */
export const openSession: OpenSession = (options, events) => {
  const { originNs, intervalNs } = options.poll;
  let timer: NodeJS.Timeout | undefined;
  let point = Number.NEGATIVE_INFINITY;

  function pollAtNextPoint(): void {
    const nowNs = monotonicNs();
    // A timer may fire up to a millisecond before its time, so the clock alone would poll some points twice.
    point = Math.max(point, Math.floor((nowNs - originNs) / intervalNs)) + 1;
    timer = setTimeout(poll, Math.ceil((originNs + point * intervalNs - nowNs) / NS_PER_MS));
  }

  function poll(): void {
    session.request();
    pollAtNextPoint();
  }

  const session = new HttpSession(options, events, {
    answered: () => {
      if (timer === undefined) pollAtNextPoint();
    },
    ended: () => clearTimeout(timer),
  });

  return {
    get bytesRead() {
      return session.bytesRead;
    },
    get bytesWritten() {
      return session.bytesWritten;
    },
    close: () => {
      clearTimeout(timer);
      session.close();
    },
  };
};
