import { COMPARED, type ComparedMetricId } from '../../figures/compared.ts';
import type { Reason } from '../../figures/verdict.ts';
import { countOf, distinct } from '../../figures/wording.ts';
import { unlikeSiblings } from '../ratios.ts';
import type { Report } from '../report.ts';
import type { MeasuredRow } from '../rows.ts';
import { type Field, isDisturbed } from './field.ts';
import { mergedTexts } from './merged-text.ts';
import { ratioText, shortList } from './phrases.ts';
import { whoseText } from './whose.ts';

/** Figures in which a trial that is unlike the others of its variant is worth a word. */
const HEADLINES: readonly ComparedMetricId[] = ['staleness.p50', 'bytes.wire', 'cpu.server'];
/** Of one reason, what was seen in so many ways at most. */
const MOST_WAYS = 2;

/** Trials that the instrument or the machine disturbed, by reason; and those that look as if something had. */
export function suspicionsOf(report: Report, field: Field): string[] {
  return [...suspects(report, field), ...unranked(field), ...unlike(field)];
}

/** Of trials that count: one that was measured again is no part of any figure. */
function suspects(report: Report, field: Field): string[] {
  const measured = report.groups.flatMap(({ counting }) => counting);
  const found = measured.flatMap((row) => reasonsOf(row).map((reason) => ({ row, reason })));
  return [...Map.groupBy(found, ({ reason }) => reason.code).values()].map((items) => {
    const rows = distinct(items.map(({ row }) => row));
    const seen = mergedTexts(items.map(({ reason }) => `${reason.seen}, more than ${reason.bound}`));
    const remedies = distinct(items.map(({ reason }) => reason.remedy)).slice(0, 1);
    const who =
      rows.length === measured.length
        ? `${rows.length === 1 ? 'The one trial is' : `All ${rows.length} trials are`} suspect`
        : `${rows.length} of ${countOf(measured.length, 'trial')} ${rows.length === 1 ? 'is' : 'are'} suspect, of ${whoseText(report, field, rows)}`;
    return `${who}: ${seen.slice(0, MOST_WAYS).join('; ')} (${remedies.join('')}).`;
  });
}

function reasonsOf({ verdict }: MeasuredRow): readonly Reason[] {
  return verdict.state === 'suspect' ? verdict.reasons : [];
}

/** A variant of which no trial was undisturbed is not to be ranked, but by bytes. */
function unranked({ groups, nameOf }: Field): string[] {
  const disturbed = groups.filter((group) => isDisturbed(group, 'staleness.p50'));
  if (disturbed.length === 0) return [];
  const names = disturbed.map((group) => nameOf(group));
  return [
    `Not to be ranked but by bytes: ${shortList(names, 4)}. Every trial of ${names.length === 1 ? 'it' : 'them'} is suspect.`,
  ];
}

function unlike({ report, groups, nameOf }: Field): string[] {
  return groups.flatMap((group) =>
    HEADLINES.flatMap((metric) => {
      const [largest] = unlikeSiblings(report, group, metric).toSorted((a, b) => size(b.factor) - size(a.factor));
      if (largest === undefined) return [];
      return [
        `Trial ${largest.row.trial.trial} of ${nameOf(group)} is unlike its siblings in ${COMPARED[metric].label} (×${ratioText(largest.factor)}); it counts.`,
      ];
    }),
  );
}

function size(factor: number): number {
  return Math.abs(Math.log(factor));
}
