import http, { type RefinedParams } from 'k6/http';
import { errorMessage } from '../../../scenarios/failures.ts';
import { wallClock } from './clock.ts';
import { openBodies, takeEntries } from './entries.ts';
import { MOST_ANSWER_MS } from '../lines.ts';
import { endOf } from '../told-end.ts';
import type { Start, Subscriber } from './subscriber.ts';

/**
 * One subscriber's requests for `path` on the connection that its VU keeps. The function asks for what comes after the last
 * message, waits so many milliseconds at most, and returns false once the session is over. It blocks, because a promise for
 * each answer costs more. What each answer needs is kept in variables: k6's engine looks a property up by its
 * name, and with 200 VUs, each with objects of its own, that adds up (`make perf`).
 */
export function openFeed(
  path: string,
  { target, since: first, observer, hasAll, leaveMs }: Subscriber,
  start: Start,
): (mostMs?: number) => boolean {
  const now = wallClock(start.startMs);
  const { take, position } = openBodies(takeEntries(observer), first);
  const { get } = http;
  const url = `${target.isSecure === true ? 'https' : 'http'}://${target.host}${path}`;
  const params: { timeout: number } & RefinedParams<'text'> = {
    // Go keeps the connection without a word; a browser and the native generator say so.
    headers: { Connection: 'keep-alive', ...target.headers },
    // Not a time series for each value of `since`.
    tags: { name: 'messages' },
    responseType: 'text',
    timeout: MOST_ANSWER_MS,
  };
  let opened = false;
  let receivedMs = now();

  const leave = (): false => {
    observer.left();
    return false;
  };

  return (mostMs = MOST_ANSWER_MS) => {
    const timeoutMs = leaveMs === undefined ? mostMs : Math.min(mostMs, leaveMs - now());
    const since = position();
    if (timeoutMs < 1 || (opened && since !== undefined && hasAll(since))) return leave();
    if (timeoutMs !== params.timeout) params.timeout = timeoutMs;
    try {
      const answer = get(since === undefined ? url : `${url}?since=${since}`, params);
      receivedMs = now();
      if (answer.status !== 200) {
        observer.ended({ code: 'http-status', status: answer.status });
        return false;
      }
      observer.answered(take(answer.body ?? '', receivedMs), receivedMs);
      if (!opened) observer.opened();
      opened = true;
      return true;
    } catch (error) {
      if (leaveMs !== undefined && leaveMs - now() < 1) return leave();
      const inSilence = now() - receivedMs >= mostMs;
      if (inSilence) observer.tellAll();
      else observer.ended(endOf(errorMessage(error)));
      return inSilence;
    }
  };
}
