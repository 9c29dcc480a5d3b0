import type { Group } from './groups.ts';
import { auditText } from './audit-words.ts';
import { hasFaults, isSuspect, measuredOf, type Row } from './rows.ts';

/** What a reader must know of a trial, or of a variant, beside its figures. */
export interface Remark {
  /** `doubt`: be careful with it; `wrong`: it is not as it should be; `fact`: how it came about. */
  readonly kind: 'doubt' | 'wrong' | 'fact';
  readonly text: string;
}

export function trialRemarks(group: Group, row: Row): Remark[] {
  const again: Remark[] = row.trial.attempt > 1 ? [{ kind: 'fact', text: 'measured again' }] : [];
  if (row.state === 'failed') return [{ kind: 'wrong', text: `failed: ${row.trial.message}` }, ...again];
  return [
    ...(hasFaults(row) ? [{ kind: 'wrong', text: auditText(row.trial.audit) } as const] : []),
    ...(isSuspect(row) ? [{ kind: 'doubt', text: 'suspect' } as const] : []),
    ...again,
    ...uncounted(group, row),
  ];
}

/** Why a trial that was measured is not in the comparison, in a word. */
function uncounted({ counting }: Group, row: Row): Remark[] {
  if (counting.some(({ trial }) => trial === row.trial)) {
    return row.state === 'measured' && row.trial.partial ? [{ kind: 'doubt', text: 'partial' }] : [];
  }
  if (row.state === 'measured' && row.trial.partial) return [{ kind: 'doubt', text: 'partial: not counted' }];
  const isReplaced = counting.some(({ trial }) => trial.trial === row.trial.trial);
  return [{ kind: 'doubt', text: isReplaced ? 'replaced: not counted' : 'its block is not whole: not counted' }];
}

/** Of all trials together; none where all went well. */
export function groupRemarks(group: Group): Remark[] {
  const { rows } = group;
  if (rows.length === 1) return rows.flatMap((row) => trialRemarks(group, row));
  const measured = measuredOf(rows);
  const uncountedRows = measured.filter((row) =>
    uncounted(group, row).some(({ text }) => text.includes('not counted')),
  );
  return [
    ...counted('wrong', measured.filter(hasFaults).length, 'failed the audit'),
    ...counted('wrong', rows.length - measured.length, 'failed'),
    ...counted('doubt', measured.filter(isSuspect).length, 'suspect'),
    ...counted('doubt', uncountedRows.length, 'not counted'),
  ];
}

function counted(kind: Remark['kind'], count: number, words: string): Remark[] {
  return count === 0 ? [] : [{ kind, text: `${count} ${words}` }];
}
