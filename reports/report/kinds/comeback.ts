import { faultInWords } from '../../../scenarios/faults.ts';
import { formatDuration } from '../../../scenarios/units.ts';
import { nodesOf } from '../../../scenarios/variant.ts';
import { type DisruptionFigures, disruptionsOf } from '../../figures/disruptions.ts';
import { sum } from '../../figures/figure.ts';
import { countOf, distinct, listOf } from '../../figures/wording.ts';
import type { Group } from '../groups.ts';
import { type Field, variantOf } from '../answer/field.ts';
import { sentence } from '../answer/phrases.ts';

interface Told {
  readonly group: Group;
  readonly figures: DisruptionFigures;
}

/** Of what was made to happen: who was dropped, when all were back, and how many came at once; then what was lost. */
export function comebackTexts(field: Field, groups: readonly Group[]): string[] {
  const told = groups.flatMap((group) =>
    disruptionsOf(group.counting.map(({ trial }) => trial)).map((figures, index) => ({ group, figures, index })),
  );
  const texts = [...Map.groupBy(told, ({ index }) => index).values()].map((own) => episodeText(field, own));
  return texts.length === 0 ? [] : [...texts, lossText(field, groups)];
}

function episodeText(field: Field, told: readonly Told[]): string {
  const dropped = told.filter(({ figures }) => figures.dropped > 0);
  const spared = told.filter(({ figures }) => figures.dropped === 0);
  const parts = [
    ...backText(field, dropped),
    ...dropped.filter(({ figures }) => figures.neverBack > 0).map((one) => goneText(field, one)),
    ...(spared.length === 0 ? [] : [`nobody was dropped with ${namesOf(field, spared)}`]),
  ];
  return sentence(`${whatHappened(told)}: ${parts.join('; ')}`);
}

/** What came back as a whole, the soonest first. */
function backText(field: Field, dropped: readonly Told[]): string[] {
  const back = dropped.flatMap((one) => {
    const allNs = one.figures.connectedNs.at(-1) ?? null;
    return one.figures.neverBack > 0 || allNs === null ? [] : [{ ...one, allNs }];
  });
  if (back.length === 0) return [];
  const texts = back
    .toSorted((a, b) => a.allNs - b.allNs)
    .map(
      ({ group, figures, allNs }) =>
        `after ${formatDuration(allNs)} (at most ${rounded(figures.mostConnectsPerSecond)} a second) with ${field.nameOf(group)}`,
    );
  const counts = distinct(back.map(({ figures }) => rounded(figures.dropped / figures.trials)));
  return [`all ${counts.length === 1 ? `${counts[0]} clients` : 'clients'} that it dropped were back ${listOf(texts)}`];
}

function goneText(field: Field, { group, figures }: Told): string {
  return `${rounded(figures.neverBack)} of ${countOf(figures.dropped, 'client')} never came back with ${field.nameOf(group)}`;
}

function lossText(field: Field, groups: readonly Group[]): string {
  const losses = groups.flatMap((group) => {
    const lost = sum(group.counting.map(({ trial }) => trial.audit.lost));
    return lost === 0 ? [] : [`${countOf(lost, 'message')} with ${field.nameOf(group)}`];
  });
  return losses.length === 0 ? 'No message was lost.' : sentence(`Lost were ${listOf(losses)}`);
}

function whatHappened(told: readonly Told[]): string {
  return listOf(
    distinct(
      told.flatMap(({ group, figures }) => {
        const variant = variantOf(group);
        return variant === undefined ? [] : [faultInWords(figures.fault, nodesOf(variant))];
      }),
    ),
  );
}

function namesOf(field: Field, told: readonly Told[]): string {
  return listOf(told.map(({ group }) => field.nameOf(group)));
}

function rounded(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
