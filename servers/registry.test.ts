import { expect, test } from 'vitest';
import { valuesOf } from './registry.ts';

test('of values that several transports were given, each has those of its own row', () => {
  const given = { nodes: 3, frames: 'binary', compression: 'gzip', retry: 'random' } as const;
  expect(valuesOf('polling', given)).toEqual({ compression: 'gzip' });
  expect(valuesOf('sse', given)).toEqual({ compression: 'gzip', retry: 'random' });
  // It has compression, and not this one.
  expect(valuesOf('websocket', given)).toEqual({ frames: 'binary' });
});
