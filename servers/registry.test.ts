import { expect, test } from 'vitest';
import { traitsOf, TRANSPORT_IDS, valuesOf } from './registry.ts';

test('of values that several transports were given, each has those of its own row', () => {
  const given = { nodes: 3, frames: 'binary', compression: 'gzip', retry: 'random' } as const;
  expect(valuesOf('polling', given)).toEqual({ compression: 'gzip' });
  expect(valuesOf('sse', given)).toEqual({ compression: 'gzip', retry: 'random' });
  // It has compression, and not this one.
  expect(valuesOf('websocket', given)).toEqual({ frames: 'binary' });
});

test('whose clients speak by requests of their own is in what a result says of them', () => {
  const byRequests = TRANSPORT_IDS.filter((id) => traitsOf(id).commandsBy === 'requests');
  expect(byRequests).toEqual(['polling', 'long-polling', 'sse']);
});
