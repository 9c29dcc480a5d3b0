import { formatBytes, NS_PER_SECOND } from '../../../scenarios/units.ts';
import type { ComparedMetricId } from '../../figures/compared.ts';
import { isAvailable } from '../../figures/figure.ts';
import { percentText } from '../../figures/wording.ts';
import { centreOf, type Group } from '../groups.ts';
import type { Field } from '../answer/field.ts';
import { figureText, shortList } from '../answer/phrases.ts';
import { standingOf } from '../answer/standing.ts';

const MANY = 10_000;
const SECONDS_A_MINUTE = 60;

const COSTS = [
  { metric: 'bytes.idle', what: 'the fewest bytes', each: ' a minute' },
  { metric: 'cpu.idle', what: 'the least server CPU', each: ' a minute' },
  { metric: 'memory.idle', what: 'the least memory of the nodes', each: '' },
] as const;

/** Of connections on which nothing is said: with whom they cost the least, of each cost, and what many of them come to. */
export function idleTexts(field: Field): string[] {
  const texts = COSTS.flatMap((cost) => costText(field, cost));
  const [first] = standingOf(field, 'bytes.idle').placed;
  return [...texts, ...(first === undefined ? [] : manyText(field, first.group))];
}

function costText(field: Field, { metric, what, each }: (typeof COSTS)[number]): string[] {
  const { ranking, placed } = standingOf(field, metric);
  const [least, next] = placed;
  if (least === undefined) return [];
  const usual = metric === 'bytes.idle' ? 'At the usual heartbeat an' : 'An';
  const seen = `${figureText(least.centre, metric)}${each}`;
  const name = field.nameOf(least.group);
  if (next === undefined) return [`${usual} idle connection costs ${seen} with ${name}.`];
  const isFirst = ranking.state === 'ranked' && ranking.winner === least.group;
  const others = placed.slice(1).map((one) => `${figureText(one.centre, metric)} with ${field.nameOf(one.group)}`);
  return [
    `${usual} idle connection costs ${what} with ${name}${isFirst ? '' : ', as far as it was seen and not ranked'}: ${seen}, ${shortList(others, others.length)}.`,
  ];
}

/** `10,000 of them with WebSocket: 71.2 kB/s on the wire, 2.7 % of a core and 71.0 MB of the nodes' memory.` */
function manyText(field: Field, group: Group): string[] {
  const of = (metric: ComparedMetricId): number => {
    const centre = centreOf(group, metric);
    return isAvailable(centre) ? centre * MANY : Number.NaN;
  };
  const [bytes, cpuNs, memory] = [of('bytes.idle'), of('cpu.idle'), of('memory.idle')];
  if (![bytes, cpuNs, memory].every((amount) => Number.isFinite(amount))) return [];
  const core = percentText(cpuNs / (SECONDS_A_MINUTE * NS_PER_SECOND));
  return [
    `${MANY.toLocaleString('en-US')} of them with ${field.nameOf(group)}: ${formatBytes(bytes / SECONDS_A_MINUTE)}/s on the wire, ${core} of a core and ${formatBytes(memory)} of the nodes’ memory.`,
  ];
}
