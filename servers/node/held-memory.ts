import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { HeldMemory } from '../../scenarios/result/idle.ts';

interface Collection {
  readonly type: 'major';
  readonly execution: 'sync';
  /** As V8 does before it would be out of memory: it moves together what is left, and gives the rest back. */
  readonly flavor: 'last-resort';
}

type Collect = (collection: Collection) => void;

/**
 * What this process holds behind a collection of its garbage, which stops it for a tenth of a second or more. Without one it would
 * be told when V8 collects, which it does the later the more memory there is, and not what is held.
 */
export async function heldMemory(): Promise<HeldMemory> {
  const collect = collector();
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  // What goes with the objects outside of the heap goes in a turn of its own.
  await setImmediate();
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { rss, heapUsed, external } = process.memoryUsage();
  return { residentBytes: rss, objectBytes: heapUsed + external };
}

/** Asked for when it is needed: a process that is measured is started as anybody starts it. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
