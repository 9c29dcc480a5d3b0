import { setImmediate, setTimeout } from 'node:timers/promises';
import { monotonicNs } from '../../scenarios/clock.ts';
import { encodeBody } from '../../scenarios/feed/message.ts';
import { payloadData } from '../../scenarios/feed/payload.ts';
import { dueTimes } from '../../scenarios/feed/schedule.ts';
import type { Workload } from '../../scenarios/feed/workload.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';

const HOUR_NS = 3600 * NS_PER_SECOND;

/** The workload's schedule an hour at a time, each hour from the next seed. Never rejects. */
export async function publishForever(
  append: (body: string) => Promise<unknown>,
  workload: Workload,
  signal: AbortSignal,
): Promise<void> {
  const originNs = monotonicNs();
  for (let hour = 0; !signal.aborted; hour++) {
    let index = 0;
    for (const offset of dueTimes(workload.feed, HOUR_NS, hour)) {
      const dueNs = originNs + hour * HOUR_NS + offset;
      await waitUntil(dueNs, signal);
      if (signal.aborted) return;
      const body = encodeBody(dueNs, monotonicNs(), payloadData(workload.payload, hour, index));
      index += 1;
      // A backplane that is down says so by its health; the feed goes on when it is back.
      await append(body).catch(() => undefined);
    }
    // A feed may have nothing more to say in it, or nothing at all.
    await waitUntil(originNs + (hour + 1) * HOUR_NS, signal);
  }
}

/**
 * Never before it: a timer may ring up to a millisecond early. This feed is for looking at, so a little late will do. One
 * that is behind its schedule lets the node work all the same.
 */
async function waitUntil(dueNs: number, signal: AbortSignal): Promise<void> {
  if (monotonicNs() >= dueNs) await setImmediate();
  for (let nowNs = monotonicNs(); nowNs < dueNs && !signal.aborted; nowNs = monotonicNs())
    await setTimeout(Math.ceil((dueNs - nowNs) / NS_PER_MS), undefined, { signal }).catch(() => undefined);
}
