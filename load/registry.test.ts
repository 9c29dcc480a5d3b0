import { expect, test } from 'vitest';
import type { DimensionValues } from '../scenarios/dimensions.ts';
import { TRANSPORT_IDS, type TransportId } from '../servers/registry.ts';
import { GENERATORS, type GeneratorId, generatorRow } from './registry.ts';

function drive(generator: GeneratorId, transport: TransportId, values: DimensionValues = {}): string {
  const drives = generatorRow(generator).drives({ transport, backplane: 'memory', values });
  return drives.kind === 'drives' ? 'drives' : drives.reason;
}

test('feedbench and the libraries drive every transport', () => {
  for (const transport of TRANSPORT_IDS) {
    expect(drive('native', transport)).toBe('drives');
    expect(drive('library', transport)).toBe('drives');
    expect(drive('browser', transport)).toBe('drives');
  }
});

test.each(['library', 'browser'] as const)('what is between %s and the nodes is no business of theirs', (generator) => {
  const path = { balancer: 'haproxy', tuning: 'stock', link: 'mobile', delayNs: 50e6, rate: 1e7, loss: 0.01 } as const;
  expect(drive(generator, 'websocket', path)).toBe('drives');
});

test('a transport that nobody has heard of has a reason, and native drives it by its client half', () => {
  const unheard = 'carrier-pigeon' as TransportId;
  expect(drive('native', unheard)).toBe('drives');
  expect(drive('library', unheard)).toBe('load/library/clients.ts names no library for it');
  expect(drive('browser', unheard)).toBe('its folder has no page.js');
});

test.each([
  ['websocket', { frames: 'binary' }, /^binary frames: its scripts read text/],
  ['websocket', { compression: 'deflate' }, /^compressed by deflate: /],
  ['polling', { compression: 'gzip' }, /^compressed by gzip: /],
  ['socketio', { shape: 'polling' }, /^polling alone: packets joined in answers/],
  ['socketio', { shape: 'upgrade' }, /^polling, then upgrade: /],
  ['polling', { auth: 'url' }, /^token by url: a script is told what it needs on its command line/],
  ['websocket', { auth: 'none' }, /^drives$/],
  ['sse', {}, /^k6 has no EventSource, and hands out an answer when it is whole/],
  ['sse', { compression: 'gzip' }, /^k6 has no EventSource/],
  ['polling', { deliver: 'latest', headers: 'minimal', pollIntervalNs: 1e9 }, /^drives$/],
  ['socketio', { shape: 'websocket', frames: 'text', compression: 'none' }, /^drives$/],
] as const)('k6 and %s with %j', (transport, values, says) => {
  expect(drive('k6', transport, values)).toMatch(says);
});

test.each([
  ['websocket', { frames: 'binary', compression: 'deflate', deliver: 'latest' }, /^drives$/],
  ['sse', { retry: 'random', compression: 'gzip' }, /^drives$/],
  ['socketio', { shape: 'upgrade', frames: 'binary' }, /^drives$/],
  ['socketio', { shape: 'polling', balancer: 'haproxy', tuning: 'stock' }, /^drives$/],
  [
    'socketio',
    { shape: 'polling', compression: 'gzip' },
    /^in Node it polls by XMLHttpRequest, which inflates nothing/,
  ],
  ['sse', { shape: 'polling' }, /^its session by eventsource knows no shape but the usual one$/],
] as const)('the libraries and %s with %j', (transport, values, says) => {
  expect(drive('library', transport, values)).toMatch(says);
});

test.each([
  ['websocket', { frames: 'binary', compression: 'deflate', deliver: 'latest', reconnect: 'full' }, /^drives$/],
  ['sse', { retry: 'random', compression: 'gzip', headers: 'browser' }, /^drives$/],
  ['polling', { origin: 'redis', cache: 'shared', keepalive: 'cold' }, /^drives$/],
  ['polling', { headers: 'minimal' }, /^a browser sends headers of its own$/],
  ['sse', { balancer: 'nginx', tuning: 'stock' }, /^drives$/],
  ['socketio', { balancer: 'nginx', shape: 'websocket' }, /^drives$/],
  ['socketio', { shape: 'polling' }, /^its page knows no shape but the usual one$/],
] as const)('a page and %s with %j', (transport, values, says) => {
  expect(drive('browser', transport, values)).toMatch(says);
});

test('a reason follows "n/a," and is a clause of one line', () => {
  const generators = Object.keys(GENERATORS) as GeneratorId[];
  const reasons = generators.flatMap((generator) =>
    TRANSPORT_IDS.map((transport) => drive(generator, transport)).filter((reason) => reason !== 'drives'),
  );
  expect(reasons.length).toBeGreaterThan(0);
  for (const reason of reasons) expect(reason).toMatch(/^[a-z][^\n]*[^.]$/);
});
