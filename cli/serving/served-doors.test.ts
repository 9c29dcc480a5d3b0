import { describe, expect, test } from 'vitest';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import type { AskedValues } from '../../scenarios/dimensions.ts';
import { TRANSPORT_IDS, type TransportId } from '../../servers/registry.ts';
import { planDoors, type ServedDoors } from './served-doors.ts';

const workload = loadWorkload('ticker');

function planned(asked: AskedValues = {}, transports: readonly TransportId[] = TRANSPORT_IDS): ServedDoors {
  return planDoors({ transports, backplane: 'memory', asked: { nodes: [1], ...asked } }, workload);
}

describe('the doors of a node by hand', () => {
  test('are those that were asked for, with the ways in which each is followed', () => {
    const doors = planned({}, ['polling', 'socketio']);
    expect(doors.transports).toEqual(['polling', 'socketio']);
    const followed = doors.variants.map(({ transport, values }) => [transport, values.shape]);
    expect(followed).toEqual([
      ['polling', undefined],
      ['socketio', 'websocket'],
      ['socketio', 'polling'],
      ['socketio', 'upgrade'],
    ]);
    expect(doors.values).toEqual({ nodes: 1 });
    expect(doors.without).toEqual([]);
  });

  test('are told the value that was asked for, and what does not have it is said', () => {
    const doors = planned({ frames: ['binary'] }, ['polling', 'websocket']);
    expect(doors.transports).toEqual(['polling', 'websocket']);
    expect(doors.values).toEqual({ nodes: 1, frames: 'binary' });
    expect(doors.without).toEqual(['HTTP polling has no --frames binary']);
  });

  test('are not open where they cannot be what was asked for, which is said', () => {
    const asked: AskedValues = { shape: ['polling'], compression: ['deflate'] };
    const doors = planned(asked, ['websocket', 'socketio']);
    expect(doors.transports).toEqual(['websocket']);
    expect(doors.shut).toEqual(['Socket.IO: polls are no WebSocket, which deflate is for']);
    expect(doors.without).toEqual(['WebSocket has no --shape polling']);
    const usual = planned({ compression: ['deflate'] }, ['websocket', 'socketio']);
    expect(usual.transports).toEqual(['websocket', 'socketio']);
    expect(usual.shut).toEqual([]);
    expect(usual.without).toEqual(['Socket.IO: polls are no WebSocket, which deflate is for']);
  });

  test('refuse a value that none of them has', () => {
    expect(() => planned({ frames: ['binary'] }, ['polling'])).toThrow(/--frames binary: polling has no such thing/);
    expect(() => planned({ nodes: [2] })).toThrow(/--nodes 2: memory has no such thing/);
  });

  test('have bounds for the one that needs most', () => {
    const patient = { ...workload, pollIntervalNs: 1200e9 };
    const boundsOf = (...transports: TransportId[]): object =>
      planDoors({ transports, backplane: 'memory', asked: { nodes: [1] } }, patient).bounds;
    const most = boundsOf('polling');
    expect(boundsOf('websocket')).not.toEqual(most);
    expect([boundsOf('polling', 'websocket'), boundsOf('websocket', 'polling')]).toEqual([most, most]);
  });
});
