/**
 * Every count of an audit: one row here. Schema, merging, what makes an audit fail, the report's section, CSV and terminal
 * follow from the row. It imports nothing, so that a generator with a runtime of its own can read it too.
 */
interface AuditCount {
  readonly label: string;
  readonly unit: 'subscribers' | 'messages' | 'commands' | 'users';
  readonly meaning: string;
  /** Whether the feed that arrived is another than the one that was published, if there is any of it. */
  readonly isFault: boolean;
  /** Why a trial may not know it: its count is null then. */
  readonly unknownBecause?: string;
  /** What it is in a file that was written before there was such a count. */
  readonly before?: number;
}

export const AUDIT_COUNTS = {
  subscribers: {
    label: 'subscribers',
    unit: 'subscribers',
    meaning: 'who listened',
    isFault: false,
  },
  published: {
    label: 'published',
    unit: 'messages',
    meaning:
      'handed in, or said by clients, from the start of the feed, warm-up included; each subscriber expects all of those that it follows',
    isFault: false,
  },
  expected: {
    label: 'expected',
    unit: 'messages',
    meaning: 'published times subscribers; of a conversation what each is to get by the schedule, by what it follows',
    isFault: false,
  },
  received: { label: 'received', unit: 'messages', meaning: 'whatever looked like a message', isFault: false },
  lost: {
    label: 'lost',
    unit: 'messages',
    meaning: 'never came, or were the newest of a key and not in a state that was to hold it',
    isFault: true,
  },
  declaredLost: {
    label: 'of them declared',
    unit: 'messages',
    meaning: 'of those lost, the ones that the server said it no longer held',
    isFault: false,
  },
  leftOut: {
    label: 'left out',
    unit: 'messages',
    meaning: 'never came, and were not to: a newer one of the same key came in time in their place',
    isFault: false,
    // Every message was to come.
    before: 0,
  },
  duplicated: { label: 'duplicated', unit: 'messages', meaning: 'came once more', isFault: true },
  reordered: { label: 'reordered', unit: 'messages', meaning: 'came after a later one', isFault: true },
  corrupted: {
    label: 'corrupted',
    unit: 'messages',
    meaning: 'came with a checksum that does not fit',
    isFault: true,
    unknownBecause: 'this generator does not look at checksums',
  },
  misplaced: {
    label: 'misplaced',
    unit: 'messages',
    meaning: 'came intact and were not what the schedule has under their number',
    isFault: true,
    unknownBecause: 'the messages were not held against the schedule',
  },
  foreign: { label: 'foreign', unit: 'messages', meaning: 'were neither a message nor a notice', isFault: true },
  unanswered: {
    label: 'unanswered',
    unit: 'commands',
    meaning: 'what clients said and never learned the fate of',
    isFault: true,
    // Nobody said anything.
    before: 0,
  },
  refused: {
    label: 'refused',
    unit: 'commands',
    meaning: 'what clients said and servers did not do',
    isFault: true,
    before: 0,
  },
  misreported: {
    label: 'misreported',
    unit: 'users',
    meaning: 'connected and not said to be online, or the other way round, when nobody came or went',
    isFault: true,
    before: 0,
  },
} as const satisfies Record<string, AuditCount>;

export type AuditCountId = keyof typeof AUDIT_COUNTS;
type Knowledge<Id extends AuditCountId> = (typeof AUDIT_COUNTS)[Id] extends { unknownBecause: string } ? null : never;
export type Audit = { readonly [Id in AuditCountId]: number | Knowledge<Id> };

type Fault = { [Id in AuditCountId]: (typeof AUDIT_COUNTS)[Id]['isFault'] extends true ? Id : never }[AuditCountId];

export const AUDIT_COUNT_IDS = Object.keys(AUDIT_COUNTS) as readonly AuditCountId[];
export const FAULT_IDS = AUDIT_COUNT_IDS.filter((id): id is Fault => AUDIT_COUNTS[id].isFault);

/** Undefined where a trial always knows it. */
export function whyUnknown(id: AuditCountId): string | undefined {
  const count: AuditCount = AUDIT_COUNTS[id];
  return count.unknownBecause;
}

/** Undefined where every file has it. */
export function countBefore(id: AuditCountId): number | undefined {
  const count: AuditCount = AUDIT_COUNTS[id];
  return count.before;
}

/** Anything that makes the feed other than what was published. */
export function auditFaults(audit: Audit): number {
  return FAULT_IDS.reduce((sum, id) => sum + (audit[id] ?? 0), 0);
}
