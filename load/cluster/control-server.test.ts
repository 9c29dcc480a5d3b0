import { afterEach, beforeEach, expect, test } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import type { SharedPlan } from '../k6/lines.ts';
import { openControlServer } from './control-server.ts';
import { WaitingRoom } from './waiting-room.ts';

const PLAN: Omit<SharedPlan, 'targets'> = {
  feed: 'a',
  scheduleHash: 'b',
  clients: 3,
  before: 0,
  last: 10,
  originNs: 1,
  leaveNs: 2,
  pollOriginNs: 3,
  pollIntervalMs: 4,
  tellEvery: 5,
};

const room = { current: new WaitingRoom(3, () => undefined), begun: false };
let server: Awaited<ReturnType<typeof openControlServer>>;

beforeEach(async () => {
  Object.assign(room, { current: new WaitingRoom(3, () => undefined), begun: false });
  server = await openControlServer({
    host: '127.0.0.1',
    port: 0,
    room: room.current,
    plan: (hosts) => (room.begun ? { ...PLAN, targets: hosts.map((host) => ({ host, headers: [] })) } : undefined),
  });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function ask(path: string, said?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    ...(said !== undefined && { method: 'POST', body: typeof said === 'string' ? said : JSON.stringify(said) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: answer.headers.get('content-type') === 'text/plain' ? text : JSON.parse(text) };
}

const join = (clients: number, host: string) => ({ transport: 'websocket', clients, hosts: [host] });

test('each k6 waits for the others, and is told of the hosts that it named itself', async () => {
  expect(await ask('/join', join(2, 'near:1'))).toEqual({ status: 200, body: { instance: 1 } });
  expect(await ask('/start?instance=1')).toEqual({ status: 202, body: { present: 2 } });
  expect(await ask('/join', join(1, 'far:2'))).toEqual({ status: 200, body: { instance: 2 } });
  room.begun = true;
  expect((await ask('/start?instance=1')).body).toMatchObject({ last: 10, targets: [{ host: 'near:1' }] });
  expect((await ask('/start?instance=2')).body).toMatchObject({ targets: [{ host: 'far:2' }] });
  await ask('/part', { instance: 1 });
  await ask('/part', { instance: 2 });
  await room.current.empty;
});

test('its clock is the one of the feed', async () => {
  const before = monotonicNs();
  const { body } = await ask('/clock');
  expect(body).toEqual({ monotonicNs: expect.any(Number) as number });
  const told = (body as { monotonicNs: number }).monotonicNs;
  expect([told >= before, told <= monotonicNs()]).toEqual([true, true]);
});

test.each<[what: string, path: string, said: unknown, status: number]>([
  ['one too many', '/join', join(4, 'a:1'), 409],
  ['no JSON', '/join', '{', 400],
  ['something else', '/join', { clients: 1 }, 400],
  ['too much', '/join', 'x'.repeat(70_000), 400],
  ['who has not joined', '/start?instance=9', undefined, 409],
  ['another path', '/other', undefined, 404],
])('%s is refused', async (_, ...request) => {
  const [path, said, status] = request;
  expect(await ask(path, said)).toMatchObject({ status, body: expect.any(String) as string });
});
