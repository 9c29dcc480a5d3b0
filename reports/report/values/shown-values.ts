import { isOfSenders, deliversLatest } from '../../../scenarios/feed/conflation.ts';
import { formatBytes, formatDuration, NS_PER_SECOND } from '../../../scenarios/units.ts';
import { variantKey } from '../../../scenarios/variant.ts';
import { windowNs } from '../../../scenarios/result/result.ts';
import { percentText } from '../../figures/wording.ts';
import { type Figure, isAvailable, per } from '../../figures/figure.ts';
import { percentileFigure } from '../../figures/figures.ts';
import { serverCpuPerClientSecond, shownAgeNs } from '../../figures/shown.ts';
import { fieldOf, variantOf } from '../answer/field.ts';
import { geometricMean, type Group } from '../groups.ts';
import type { Report } from '../report.ts';
import { isSuspect, type MeasuredRow } from '../rows.ts';

/** What a variant shows of values of which the newest alone counts, and what it takes for that; of a client in a second. */
export interface ShownBy {
  readonly group: Group;
  readonly ageNs: Figure;
  readonly replacedP50Ns: Figure;
  readonly replacedP99Ns: Figure;
  readonly deliveries: Figure;
  readonly leftOut: Figure;
  readonly bytes: Figure;
  readonly cpuNs: Figure;
}

export interface ShownValuesFound {
  readonly variants: readonly ShownBy[];
  /** What it saves and what it costs to send the newest alone, for each variant that was measured both ways. */
  readonly sentences: readonly string[];
}

/** Undefined where every message counts. */
export function shownValuesOf(report: Report): ShownValuesFound | undefined {
  if (!isOfSenders(report.result.workload.feed)) return undefined;
  const groups = report.groups.filter(({ counting, isCopy }) => counting.length > 0 && !isCopy);
  if (groups.length === 0) return undefined;
  const variants = groups.map((group): ShownBy => ({ group, ...figuresOf(group) }));
  return { variants, sentences: sentencesOf(report, variants) };
}

function figuresOf({ counting }: Group): Omit<ShownBy, 'group'> {
  const mean = (of: (row: MeasuredRow) => Figure): Figure => geometricMean(counting.map(of));
  return {
    ageNs: mean(({ trial }) => shownAgeNs(trial)),
    replacedP50Ns: mean(({ trial }) => percentileFigure(trial, 'ageReplaced', 50)),
    replacedP99Ns: mean(({ trial }) => percentileFigure(trial, 'ageReplaced', 99)),
    deliveries: mean(({ trial, figures }) =>
      per(figures.deliveries, (trial.clients * windowNs(trial)) / NS_PER_SECOND, 'the window is empty'),
    ),
    leftOut: leftOutOf(counting),
    bytes: mean(({ figures }) => figures.wireBytesPerClientSecond),
    cpuNs: mean(({ trial, figures }) => serverCpuPerClientSecond(trial, figures)),
  };
}

/** Of all that was to come in all trials. */
function leftOutOf(rows: readonly MeasuredRow[]): Figure {
  const total = (of: (row: MeasuredRow) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  return per(
    total(({ trial }) => trial.audit.leftOut),
    total(({ trial }) => trial.audit.expected),
    'nothing was to come',
  );
}

function sentencesOf(report: Report, variants: readonly ShownBy[]): string[] {
  const { nameOf } = fieldOf(report);
  const isLatest = ({ group }: ShownBy): boolean => deliversLatest(variantOf(group)?.values ?? {});
  return variants.filter(isLatest).flatMap((latest) => {
    const key = keyButDelivery(report, latest.group);
    const all = variants.find((other) => !isLatest(other) && keyButDelivery(report, other.group) === key);
    const text = all === undefined ? undefined : comparison(all, latest);
    return all === undefined || text === undefined ? [] : [`${nameOf(all.group)}: ${text}${doubtOf([all, latest])}`];
  });
}

/** Bytes come out the same on a busy machine. */
function doubtOf(compared: readonly ShownBy[]): string {
  const isDoubtful = compared.some(({ group: { counting } }) => counting.every((row) => isSuspect(row)));
  return isDoubtful ? ' Trials of it are suspect: of these figures the bytes alone are to be relied on.' : '';
}

/** Equal for what differs in nothing but whether the newest alone is sent. */
function keyButDelivery({ result: { workload } }: Report, { rows }: Group): string | undefined {
  const [row] = rows;
  if (row === undefined) return undefined;
  const { variant, generator, clients } = row.trial;
  const { deliver: _, ...values } = variant.values;
  return `${generator} ${clients} ${variantKey({ ...variant, values }, workload)}`;
}

function comparison(all: ShownBy, latest: ShownBy): string | undefined {
  const say = (of: (shown: ShownBy) => Figure, format: (value: number) => string): [string, string] | undefined => {
    const [one, two] = [of(latest), of(all)];
    return isAvailable(one) && isAvailable(two) ? [format(one), format(two)] : undefined;
  };
  const bytes = say((shown) => shown.bytes, formatBytes);
  const cpu = say((shown) => shown.cpuNs, formatDuration);
  const age = say((shown) => shown.ageNs, formatDuration);
  if (cpu === undefined || age === undefined) return undefined;
  const leftOut = isAvailable(latest.leftOut) ? `; ${percentText(latest.leftOut)} of the messages were left out` : '';
  const wire = bytes === undefined ? ['', ''] : [`${bytes[0]} on the wire and `, `${bytes[1]} and `];
  return `with the newest value of each sender alone, a client takes ${wire[0]}${cpu[0]} of server CPU a second instead of ${wire[1]}${cpu[1]}, and what it shows is ${age[0]} old in the mean instead of ${age[1]}${leftOut}.`;
}
