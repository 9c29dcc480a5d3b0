import { expect, test } from 'vitest';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { TRANSPORT_IDS, type TransportId } from '../../servers/registry.ts';
import { signOfLifeOf } from './idleness.ts';

const workload = loadWorkload('idle');

function signOf(transport: TransportId, heartbeatNs: number | undefined, shape?: 'polling') {
  const values = { nodes: 1, ...(shape !== undefined && { shape }) };
  const { signNs, usualSignNs, frames } = signOfLifeOf({
    variant: { transport, backplane: 'memory', values },
    workload: { ...workload, heartbeatNs },
  });
  return [signNs / 1e9, usualSignNs / 1e9, frames];
}

test('with a heartbeat of its own, and as nodes come', () => {
  const both = TRANSPORT_IDS.map((id) => [id, signOf(id, 6e9), signOf(id, undefined)]);
  expect(both).toEqual([
    ['polling', [6, 6, null], [6, 6, null]],
    ['long-polling', [6, 25, null], [25, 25, null]],
    ['sse', [3, 15, { downBytes: 8, upBytes: 0 }], [15, 15, { downBytes: 8, upBytes: 0 }]],
    ['websocket', [6, 30, { downBytes: 2, upBytes: 6 }], [30, 30, { downBytes: 2, upBytes: 6 }]],
    ['socketio', [6, 25, { downBytes: 3, upBytes: 7 }], [30, 25, { downBytes: 3, upBytes: 7 }]],
  ]);
});

test('a stream has a comment at the usual times at least', () => {
  expect(signOf('sse', 60e9)[0]).toBe(15);
});

test('Socket.IO by polling answers requests, and sends no frames', () => {
  expect(signOf('socketio', 6e9, 'polling')).toEqual([6, 25, null]);
});
