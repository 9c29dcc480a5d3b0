import { expect, test } from 'vitest';
import type { AskedValues } from '../scenarios/dimensions.ts';
import { variantLabel } from '../scenarios/variant.ts';
import type { BackplaneId } from '../servers/backplanes.ts';
import { leftOut, passedOver, planVariants, type VariantChoices } from './variants.ts';

const scenario = { pollIntervalNs: 3e9 };

function choices(asked: AskedValues, others: Partial<VariantChoices> = {}): VariantChoices {
  return { transports: ['polling', 'websocket'], backplanes: ['memory', 'redis'], asked, ...others };
}

function labels(asked: AskedValues, others: Partial<VariantChoices> = {}): string[] {
  return planVariants(choices(asked, others), scenario).map((variant) => variantLabel(variant, scenario));
}

test('every transport meets every backplane, each with what it has where nobody asks', () => {
  expect(labels({})).toEqual(['polling, memory', 'websocket, memory', 'polling, redis × 3', 'websocket, redis × 3']);
});

test('several values multiply, for those that have the dimension', () => {
  expect(labels({ pollIntervalNs: [1e9, 3e9], headers: ['minimal', 'browser'] }, { backplanes: ['memory'] })).toEqual([
    'polling, memory, minimal headers, polls every 1 s',
    'polling, memory, minimal headers',
    'polling, memory, polls every 1 s',
    'polling, memory',
    'websocket, memory, minimal headers',
    'websocket, memory',
  ]);
  expect(labels({ nodes: [1, 3] }, { transports: ['websocket'], backplanes: ['redis'] })).toEqual([
    'websocket, redis',
    'websocket, redis × 3',
  ]);
});

test('a token is shown where a transport has a place for it', () => {
  const asked = { auth: ['none', 'url', 'message'] } as const;
  expect(labels(asked, { backplanes: ['memory'] })).toEqual([
    'polling, memory',
    'polling, memory, token by url',
    'websocket, memory',
    'websocket, memory, token by url',
    'websocket, memory, token by message',
  ]);
  expect(passedOver(choices(asked), scenario)).toEqual(['HTTP polling has no --auth message']);
});

test('a value that only some have is for them, and the others are named', () => {
  const asked = { nodes: [5] } as const;
  expect(labels(asked, { transports: ['websocket'] })).toEqual(['websocket, memory', 'websocket, redis × 5']);
  expect(passedOver(choices(asked), scenario)).toEqual(['in memory has no --nodes 5']);
  expect(passedOver(choices({ pollIntervalNs: [1e9] }), scenario)).toEqual([]);
});

test('what a scenario presets is for those that have it, and gives way to what is asked for', () => {
  const preset = { headers: ['minimal'], nodes: [5], retry: ['fixed'] } as const;
  const others = { transports: ['websocket'], preset } as const;
  expect(labels({}, others)).toEqual(['websocket, memory, minimal headers', 'websocket, redis × 5, minimal headers']);
  expect(labels({ headers: ['browser'], nodes: [3] }, others)).toEqual(['websocket, memory', 'websocket, redis × 3']);
});

test('a dimension that some do not have at all is said of them, but for what is usual', () => {
  const passed = (asked: AskedValues): string[] => passedOver(choices(asked), scenario);
  expect(passed({ retry: ['none'] })).toEqual([]);
  expect(passed({ retry: ['fixed'] })).toEqual(['HTTP polling has no --retry fixed', 'WebSocket has no --retry fixed']);
});

test('a value that nobody has is refused', () => {
  expect(() => planVariants(choices({ nodes: [3] }, { backplanes: ['memory'] }), scenario)).toThrow(
    /^--nodes 3: memory has no such thing; choose redis, or leave it out$/,
  );
});

test('a value that a transport has and no chosen backplane goes with is the lack of the backplane', () => {
  const adapters = choices({ deliver: ['latest'] }, { transports: ['socketio'], backplanes: ['socketio-sharded'] });
  expect(() => planVariants(adapters, scenario)).toThrow(
    /^--deliver latest: socketio-sharded has no such thing; choose memory or redis, or leave it out$/,
  );
});

test('a backplane that is for some transports alone meets those, and that is said', () => {
  const some: BackplaneId[] = ['socketio-sharded', 'memory'];
  expect(labels({}, { backplanes: some })).toEqual(['polling, memory', 'websocket, memory']);
  expect(leftOut(choices({}, { backplanes: some }), scenario)).toEqual([
    "Socket.IO's sharded adapter is for Socket.IO alone",
  ]);
});

test('what a backplane does not carry is said of it', () => {
  const carried = { transports: ['socketio'], backplanes: ['socketio-sharded'] } as const;
  const said = passedOver(choices({ deliver: ['latest', 'all'] }, carried), scenario);
  expect(said).toContain("Socket.IO's sharded adapter has no --deliver latest");
  const values = planVariants(choices({}, carried), scenario).map((variant) => variant.values.deliver);
  expect(new Set(values)).toEqual(new Set(['all']));
});

test('where no backplane is good for any of the transports, it is refused in one line', () => {
  const backplanes: BackplaneId[] = ['socketio-redis', 'socketio-sharded'];
  expect(() => planVariants(choices({ nodes: [3] }, { backplanes }), scenario)).toThrow(
    /^socketio-redis is for Socket.IO alone, socketio-sharded is for Socket.IO alone: choose --transport socketio, or another --backplane$/,
  );
});

test('a setting of the scenario may be said although none of the transports asks for it', () => {
  const asked = { pollIntervalNs: [1e9] } as const;
  expect(labels(asked, { transports: ['websocket'], backplanes: ['memory'] })).toEqual(['websocket, memory']);
});

test('what says something of a balancer alone is refused where nobody asks for one', () => {
  expect(() => labels({ tuning: ['stock'] })).toThrow('--tuning says something of --balancer alone: name that too');
  expect(() => labels({ tuning: ['stock'], balancer: ['none'] })).toThrow(
    '--tuning says something of --balancer alone',
  );
  expect(labels({ tuning: ['stock'], balancer: ['nginx'] }, { transports: ['sse'], backplanes: ['memory'] })).toEqual([
    'sse, memory, behind nginx, stock settings',
  ]);
});
