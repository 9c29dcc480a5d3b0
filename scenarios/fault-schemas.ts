import { z } from 'zod';
import { knownKeys } from './feed/kinds/known-keys.ts';
import { errorMessage } from './failures.ts';
import { type Fault, FAULT_KIND_IDS, MOST_NODES, settledFault } from './faults.ts';
import { DURATION_PATTERN } from './units.ts';

/** As a result file has it. */
export const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KIND_IDS),
  atNs: z.number().min(0),
  forNs: z.number().min(0).nullable(),
  node: z.int().min(1).max(MOST_NODES).nullable(),
});

const time = z.string().meta({ pattern: DURATION_PATTERN });

/** As a workload file has it: `{ "at": "10s", "kind": "stop-redis", "for": "2s" }`. */
export const writtenFaultSchema = knownKeys({
  at: time.describe('when, from the beginning of the measured window: 10s'),
  kind: z.enum(FAULT_KIND_IDS).describe('what happens'),
  for: time.optional().describe('for how long: 2s'),
  node: z.int().min(1).max(MOST_NODES).optional().describe('which node, from 1 on; absent: the last one'),
}).transform(({ at, kind, for: length, node }, context): Fault => {
  try {
    return settledFault({ kind, at, length, node });
  } catch (error) {
    context.addIssue({ code: 'custom', message: errorMessage(error) });
    return z.NEVER;
  }
});
