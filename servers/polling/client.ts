import { monotonicNs } from '../../scenarios/clock.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { HttpSession } from '../http-session.ts';
import type { OpenSession } from '../transport.ts';

/**
 * Polls at originNs + k × intervalNs, an absolute grid: polls do not drift with the server's turnaround, and one whose
 * predecessor is still unanswered is left out. The first request is sent at once, to confirm the subscription.
 */
export const openSession: OpenSession = (options, events) => {
  const { originNs, intervalNs } = options.poll;
  let timer: NodeJS.Timeout | undefined;

  function pollAtNextPoint(): void {
    const nowNs = monotonicNs();
    const next = Math.floor((nowNs - originNs) / intervalNs) + 1;
    timer = setTimeout(poll, (originNs + next * intervalNs - nowNs) / NS_PER_MS);
  }

  function poll(): void {
    session.request();
    pollAtNextPoint();
  }

  const session = new HttpSession(
    options,
    {
      ...events,
      lost: (reason) => {
        clearTimeout(timer);
        events.lost(reason);
      },
    },
    () => (timer === undefined ? pollAtNextPoint() : undefined),
  );

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
