import { exactDuration } from '../../../scenarios/units.ts';
import { nodesOf, pollIntervalNsOf, type Variant, variantParts } from '../../../scenarios/variant.ts';
import type { ComparedMetricId } from '../../figures/compared.ts';
import { countOf, distinct } from '../../figures/wording.ts';
import type { Group } from '../groups.ts';
import { generatorOf } from '../metric-trials.ts';
import type { Report } from '../report.ts';
import { isSuspect } from '../rows.ts';

/** What an answer is about, and what it is called in a sentence. */
export interface Field {
  readonly report: Report;
  /** As the first generator saw them: a second one's are second opinions. Without the control's copy, with what failed. */
  readonly groups: readonly Group[];
  /** What is at `home` is named without it, unless it stands beside something elsewhere. */
  readonly nameOf: (group: Group, beside?: Group) => string;
  readonly placeOf: (group: Group) => string;
  /** Of several places the one that goes without saying, that with the fewest nodes; undefined where there is one alone. */
  readonly home: string | undefined;
}

export function fieldOf(report: Report): Field {
  const sights = new Set(report.groups.map(({ rows }) => generatorOf(rows)));
  const sight = Object.keys(report.result.generators).find((id) => sights.has(id));
  const groups = report.groups.filter(({ isCopy, rows }) => !isCopy && generatorOf(rows) === sight);
  const places = placesOf(groups);
  return { report, groups, home: places.length > 1 ? places[0] : undefined, ...namesOf(report, groups) };
}

/** Where they ran, in words, the fewest nodes first: `one node`, `3 nodes`; the backplane too where that is not enough. */
function placesOf(groups: readonly Group[]): string[] {
  const variants = groups.flatMap((group) => variantOf(group) ?? []).toSorted((a, b) => nodesOf(a) - nodesOf(b));
  const say = placeWords(variants);
  return distinct(variants.map(say));
}

function placeWords(variants: readonly Variant[]): (variant: Variant) => string {
  return distinct(variants.map(fullPlace)).length > distinct(variants.map(nodesText)).length ? fullPlace : nodesText;
}

function nodesText(variant: Variant): string {
  const nodes = nodesOf(variant);
  return nodes === 1 ? 'one node' : `${nodes} nodes`;
}

function fullPlace(variant: Variant): string {
  return `${nodesText(variant)} over ${variant.backplane}`;
}

export function samePlace(one: Group, other: Group): boolean {
  const [a, b] = [one, other].map(variantOf);
  return a !== undefined && b !== undefined && nodesOf(a) === nodesOf(b) && a.backplane === b.backplane;
}

export function variantOf({ rows }: Group): Variant | undefined {
  return rows[0]?.trial.variant;
}

/** Whether nothing undisturbed stands behind its figure. */
export function isDisturbed({ counting }: Group, metric: ComparedMetricId): boolean {
  return !isUndisturbed(metric) && counting.length > 0 && counting.every((row) => isSuspect(row));
}

/** Bytes come out the same on a busy machine. */
function isUndisturbed(metric: ComparedMetricId): boolean {
  return metric === 'bytes.wire' || metric === 'bytes.client' || metric === 'bytes.idle';
}

/** The transport, and only what tells it from the others: `HTTP polling every 3 s`, `WebSocket (binary frames) on 3 nodes`. */
function namesOf({ result: { workload } }: Report, groups: readonly Group[]): Pick<Field, 'nameOf' | 'placeOf'> {
  const variants = groups.flatMap((group) => variantOf(group) ?? []);
  const [home] = placesOf(groups);
  const say = placeWords(variants);
  const placeOf = (group: Group): string => {
    const variant = variantOf(group);
    return variant === undefined ? '' : say(variant);
  };
  const restOf = (variant: Variant): string[] =>
    variantParts(variant, { pollIntervalNs: pollIntervalNsOf(variant, workload) }).slice(2);
  const rests = variants.map(restOf);
  const nameOf = (group: Group, beside = group): string => {
    const variant = variantOf(group);
    if (variant === undefined) return group.label;
    const rest = restOf(variant).filter((part) => !rests.every((own) => own.includes(part)));
    const place = placeOf(group);
    const clients = clientsOf(group);
    return [
      group.transport,
      group.cadence === 'interval' ? ` every ${exactDuration(pollIntervalNsOf(variant, workload))}` : '',
      rest.length === 0 ? '' : ` (${rest.join(', ')})`,
      place === home && placeOf(beside) === home ? '' : ` on ${place}`,
      clients === workload.clients ? '' : ` with ${countOf(clients, 'client')}`,
    ].join('');
  };
  return { nameOf, placeOf };
}

function clientsOf({ rows }: Group): number {
  return rows[0]?.trial.clients ?? 0;
}
