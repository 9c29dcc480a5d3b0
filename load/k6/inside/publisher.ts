import { sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
import { errorMessage } from '../../../scenarios/failures.ts';
import { NS_PER_MS } from '../../../scenarios/units.ts';
import type { ClockReading, JoinRequest, SharedPlan } from '../lines.ts';
import { wallClock } from './clock.ts';
import { tell } from './observer.ts';
import { headerFields, refuse, type ScriptTarget, SETTINGS } from './settings.ts';

/** What the subscribers of this k6 know of the feed that a publisher on another host plays; times are of the wall clock here. */
export interface Joined {
  readonly instance: number;
  readonly targets: readonly ScriptTarget[];
  /** As numbers in the log. */
  readonly before: number;
  readonly last: number;
  readonly leaveMs: number;
  readonly pollOriginMs: number;
  readonly pollIntervalMs: number;
  readonly tellEvery: number;
}

/** Enough that one of them meets no queue; the quickest counts. */
const EXCHANGES = 50;
const ASK_AGAIN_SECONDS = 0.2;
const ANSWER_WITHIN_MS = 10_000;
const REACHED_WITHIN_MS = 30_000;
const WAITING = 202;

/** Asks the publisher to take this k6 in, and waits until all others are there too. */
export function joinPublisher(publisher: string, transport: string, startMs: number): Joined {
  const clients = exec.instance.vusInitialized;
  const { targets } = SETTINGS;
  reach('PUBLISHER', publisher);
  const connectMs = reach('URL', targets[0]?.host ?? '');
  const request: JoinRequest = { transport, clients, hosts: targets.map(({ host }) => host) };
  const { instance } = ask(publisher, '/join', request).body as { readonly instance: number };
  const clock = readClock(publisher, startMs);
  const plan = untilStart(publisher, instance);
  if (plan.clients !== SETTINGS.clients)
    refuse(`CLIENTS: ${SETTINGS.clients}, and the publisher expects ${plan.clients}: give each k6 the same number`);
  const { feed, scheduleHash } = plan;
  tell({ kind: 'joined', instance, feed, scheduleHash, transport, clients, connectMs, clock });
  const toWallMs = (ns: number): number => ns / NS_PER_MS + clock.offsetMs;
  return {
    instance,
    targets: plan.targets.map(({ host, headers }) => ({ host, headers: headerFields(headers) })),
    before: plan.before,
    last: plan.last,
    leaveMs: toWallMs(plan.leaveNs),
    pollOriginMs: toWallMs(plan.pollOriginNs),
    pollIntervalMs: plan.pollIntervalMs,
    tellEvery: plan.tellEvery,
  };
}

/** Of each k6 one subscriber reads the clock once more when it leaves: afterwards k6 does not say how long it has run. */
export function readClockAgain({ instance }: Joined, startMs: number): void {
  if (SETTINGS.by !== 'publisher' || exec.vu.idInInstance !== 1) return;
  tell({ kind: 'clock', instance, clock: readClock(SETTINGS.publisher, startMs) });
}

/** Runs once, after all subscribers: without its line it is known that this k6 did not come to its end. */
export function partFromPublisher({ instance }: Joined): void {
  if (SETTINGS.by !== 'publisher') return;
  tell({ kind: 'parted', instance });
  ask(SETTINGS.publisher, '/part', { instance });
}

function untilStart(publisher: string, instance: number): SharedPlan {
  for (;;) {
    const { status, body } = ask(publisher, `/start?instance=${instance}`);
    if (status !== WAITING) return body as SharedPlan;
    sleep(ASK_AGAIN_SECONDS);
  }
}

/** The lowest delay of several exchanges. k6 has whole milliseconds and how long it has run; both together are finer. */
function readClock(publisher: string, startMs: number): ClockReading {
  const now = wallClock(startMs);
  let reading: ClockReading = { offsetMs: 0, boundMs: Number.POSITIVE_INFINITY };
  for (let exchange = 0; exchange < EXCHANGES; exchange++) {
    const sentMs = now();
    const { monotonicNs } = ask(publisher, '/clock').body as { readonly monotonicNs: number };
    const receivedMs = now();
    const boundMs = (receivedMs - sentMs) / 2;
    if (boundMs < reading.boundMs) reading = { offsetMs: sentMs + boundMs - monotonicNs / NS_PER_MS, boundMs };
  }
  return reading;
}

/** Pods start in no order: who is not there yet may be in a moment. Returns how long a connect took. */
function reach(name: 'URL' | 'PUBLISHER', host: string): number {
  const untilMs = Date.now() + REACHED_WITHIN_MS;
  for (;;) {
    try {
      return http.get(`http://${host}/health`, { timeout: ANSWER_WITHIN_MS }).timings.connecting;
    } catch (error) {
      if (Date.now() > untilMs) return refuse(`${name}: nobody can be reached at ${host}: ${errorMessage(error)}`);
      sleep(1);
    }
  }
}

/** A GET where there is nothing to say, and otherwise a POST. */
function ask(
  publisher: string,
  path: string,
  said?: JoinRequest | { readonly instance: number },
): { readonly status: number; readonly body: unknown } {
  try {
    const url = `http://${publisher}${path}`;
    const params = {
      timeout: ANSWER_WITHIN_MS,
      headers: { 'Content-Type': 'application/json' },
      responseType: 'text',
    } as const;
    const answer = said === undefined ? http.get(url, params) : http.post(url, JSON.stringify(said), params);
    if (answer.status <= WAITING) return { status: answer.status, body: answer.json() };
    return refuse(`PUBLISHER: ${answer.status}: ${answer.body ?? ''}`);
  } catch (error) {
    return refuse(`PUBLISHER: no publisher can be reached at ${publisher}: ${errorMessage(error)}`);
  }
}
