import { AUDIT_COUNTS, type AuditCountId } from '../result/audit-counts.ts';

/** What an audit counts of all that was to come. */
type CameId = 'subscribers' | 'published' | 'expected' | 'received';

const CAME: ReadonlySet<string> = new Set<CameId>(['subscribers', 'published', 'expected', 'received']);

/** The rest of what an audit counts, where everything came as it was to. */
export const NOTHING_WRONG = Object.fromEntries(
  Object.keys(AUDIT_COUNTS).flatMap((id) => (CAME.has(id) ? [] : [[id, 0]])),
) as Readonly<Record<Exclude<AuditCountId, CameId>, 0>>;
