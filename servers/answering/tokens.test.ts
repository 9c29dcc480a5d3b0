import { describe, expect, test } from 'vitest';
import { REAL_TIME } from '../../scenarios/testing/conditions.ts';
import { newTokenIssuer } from '../../scenarios/tokens.ts';
import { transportRow } from '../registry.ts';
import { HTTP_DOORS, say, TestFollower } from './testing/test-follower.ts';
import { openTestNode, type TestNode } from '../testing/test-node.ts';

const issuer = newTokenIssuer();
const hello = { type: 'send', channel: 'room:1', data: 'hello' };

async function tokenFor(user: string, goodForS = 60): Promise<string> {
  return issuer.issue(user, Math.floor(Date.now() / 1000) + goodForS);
}

/** Where a token stands in a request. */
const PLACES = {
  header: (token: string) => ({ query: '', headers: { Authorization: `Bearer ${token}` } }),
  cookie: (token: string) => ({ query: '', headers: { Cookie: `theme=dark; feedbench_token=${token}; x=y` } }),
  query: (token: string) => ({ query: `&token=${token}`, headers: {} }),
} as const;

describe.each(HTTP_DOORS.map((transport) => ({ transport })))(
  'at a door of $transport that wants tokens',
  ({ transport }) => {
    const { path } = transportRow(transport);

    async function open(): Promise<TestNode> {
      return openTestNode({ transport, tokens: issuer.rules });
    }

    test.each(Object.entries(PLACES))('a token in the %s says who it is, whatever else does', async (_place, show) => {
      await using node = await open();
      const { query, headers } = show(await tokenFor('ann'));
      const ann = { port: node.port, transport, query: `channels=room:1&user=ben${query}`, headers };
      const follower = new TestFollower(ann);
      await follower.until(({ told }) => told.length > 0);
      expect(follower.told[0]).toMatchObject({ signal: 'welcome', user: 'ann' });
      expect(await say(ann, hello)).toMatchObject({ status: 200 });
      await follower.until(({ data }) => data.length > 0);
      expect(follower.told.at(-1)).toMatchObject({ from: 'ann', data: 'hello' });
      const others = new TestFollower({ ...ann, query: `channels=user:ben${query}` });
      await others.until(({ isOver }) => isOver);
      expect(others.refusal).toMatchObject({ status: 403 });
      follower.close();
    });

    test('nobody is let in without one, or with a bad one, and is told how to show one', async () => {
      await using node = await open();
      const url = `http://127.0.0.1:${node.port}`;
      for (const [headers, challenge] of [
        [{}, 'Bearer'],
        [{ Authorization: 'Bearer a.b.c' }, 'Bearer error="invalid_token"'],
        [{ Authorization: `Bearer ${await tokenFor('ann', -1)}` }, 'Bearer error="invalid_token"'],
      ] as const) {
        for (const [target, method] of [
          [`${path}?since=0`, 'GET'],
          [path, 'HEAD'],
          [`${path}?user=ann`, 'POST'],
          ['/presence', 'GET'],
        ] as const) {
          const body = method === 'POST' ? { body: JSON.stringify(hello) } : {};
          const answer = await fetch(`${url}${target}`, { method, headers, ...body });
          expect([target, method, answer.status]).toEqual([target, method, 401]);
          expect(answer.headers.get('www-authenticate')).toBe(challenge);
          // Nothing of it is an answer to the command, which may be said again.
          expect(await answer.text()).toMatch(method === 'HEAD' ? /^$/ : /^\{"error":"[^"]+"\}$/);
        }
      }
      expect(node.appended).toBe(0);
    });
  },
);

// They wait for the same second.
test.concurrent.each(HTTP_DOORS)(
  'at a door of %s whoever is there has to go when its token expires',
  REAL_TIME,
  async (transport) => {
    const { cadence } = transportRow(transport);
    await using node = await openTestNode({ transport, tokens: issuer.rules });
    const { headers } = PLACES.header(await tokenFor('ann', 2));
    const follower = new TestFollower({ port: node.port, transport, query: 'channels=room:1', headers });
    await follower.until(({ isOver }) => isOver);
    const words = 'the token has expired';
    expect(follower.comments.at(-1)).toBe(cadence === 'push' ? `: ${words}` : undefined);
    expect(follower.refusal).toEqual(cadence === 'push' ? undefined : { status: 401, error: words });
    expect(follower.told).toHaveLength(1);
  },
);
