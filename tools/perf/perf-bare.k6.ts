import http from 'k6/http';
import type { Options } from 'k6/options';

/**
 * The least that a long-polling subscriber of k6 can do: it asks, and finds the number to go on from. What it costs is k6
 * itself; `make perf` holds our script against it.
 */
export const options: Options = {
  scenarios: {
    subscribers: {
      executor: 'per-vu-iterations',
      exec: 'subscribe',
      vus: Number(__ENV['CLIENTS']),
      iterations: 1,
      maxDuration: __ENV['DURATION'] ?? '10s',
      gracefulStop: '0s',
    },
  },
  systemTags: [],
  throw: true,
};

export function subscribe(): void {
  const url = `${__ENV['URL']}/next?since=`;
  const params = { tags: { name: 'messages' }, responseType: 'text', timeout: 60_000 } as const;
  let since = '0';
  for (;;) {
    const body = http.get(url + since, params).body ?? '';
    const start = body.lastIndexOf('{"seq":') + '{"seq":'.length;
    since = body.slice(start, body.indexOf(',', start));
  }
}
