import { deliversLatest } from '../../../scenarios/feed/conflation.ts';
import { type DimensionId, DIMENSIONS, isUsual } from '../../../scenarios/dimensions.ts';
import { isCompressed, nodesOf, type Variant } from '../../../scenarios/variant.ts';
import { isAvailable, per } from '../../figures/figure.ts';
import { breakEvenMessages, exchangeBytes, extraBytesAt, type WayBytes } from '../../theory/polling/break-even.ts';
import { whyNoTheory } from '../../theory/scope.ts';
import { type Group, geometricMean } from '../groups.ts';
import type { Report } from '../report.ts';

export interface MeasuredWay {
  readonly group: Group;
  readonly bytes: WayBytes;
}

/** Polling against what pushes for the fewest bytes, over one version of HTTP. */
export interface BreakEven {
  readonly http: string;
  readonly poll: MeasuredWay;
  readonly push: MeasuredWay;
  /** In the interval between two polls; undefined where one of both always takes less. */
  readonly messages: number | undefined;
}

/** What may differ between two of one place. */
const FREE: ReadonlySet<DimensionId> = new Set(['http', 'nodes', 'pollIntervalNs']);

/** By version of HTTP, in one place where HTTP/2 was measured; empty where it was not. */
export function breakEvensOf(report: Report): BreakEven[] {
  if (whyNoTheory(report.result) !== undefined || report.result.workload.faults.length > 0) return [];
  const ways = report.groups.flatMap((group) => {
    const bytes = bytesOf(group);
    const variant = group.counting[0]?.trial.variant;
    return bytes === undefined || variant === undefined ? [] : [{ group, bytes, variant }];
  });
  const places = [...Map.groupBy(ways, placeOf).values()].map((own) => {
    const byHttp = [...Map.groupBy(own, ({ variant }) => httpOf(variant))];
    return byHttp.flatMap(([http, both]) => pairOf(http, both)).toSorted((a, b) => a.http.localeCompare(b.http));
  });
  return places.find((pairs) => pairs.some(({ http }) => http !== DIMENSIONS.http.usual)) ?? [];
}

/** On the wire beside each message, where so many come in an interval. */
export function extraBytesOf({ bytes }: MeasuredWay, messages: number): number {
  return extraBytesAt(bytes, messages);
}

interface PlacedWay extends MeasuredWay {
  readonly variant: Variant;
}

function httpOf({ values }: Variant): string {
  return String(values.http ?? DIMENSIONS.http.usual);
}

function placeOf({ group, variant }: PlacedWay): string {
  const ids = Object.keys(variant.values) as DimensionId[];
  const strange = ids.filter((id) => !FREE.has(id) && !isUsual(id, variant.values)).toSorted();
  const generator = group.counting[0]?.trial.generator;
  return JSON.stringify([
    variant.backplane,
    nodesOf(variant),
    generator,
    strange.map((id) => [id, variant.values[id]]),
  ]);
}

function pairOf(http: string, ways: readonly MeasuredWay[]): BreakEven[] {
  const poll = ways.find(({ bytes }) => bytes.cadence === 'interval');
  const pushes = ways.filter(({ bytes }) => bytes.cadence === 'push');
  const push = pushes.toSorted((a, b) => a.bytes.extraBytes - b.bytes.extraBytes)[0];
  if (poll === undefined || push === undefined) return [];
  return [{ http, poll, push, messages: breakEvenMessages(poll.bytes, push.bytes) }];
}

/** Of whole messages, each of which comes; the copy of a control is no other variant. */
function bytesOf({ isCopy, cadence, counting }: Group): WayBytes | undefined {
  const variant = counting[0]?.trial.variant;
  if (isCopy || variant === undefined || isCompressed(variant) || deliversLatest(variant.values)) return undefined;
  if (cadence !== 'interval' && cadence !== 'push') return undefined;
  const messageBytes = geometricMean(counting.map(({ figures }) => figures.payloadBytesPerMessage));
  const wireBytes = geometricMean(counting.map(({ figures }) => figures.wireBytesPerMessage.total));
  const perAnswer = geometricMean(
    counting.map(({ figures: { deliveries, answers } }) => per(deliveries, answers, 'nothing is asked for')),
  );
  if (!isAvailable(messageBytes) || !isAvailable(wireBytes)) return undefined;
  if (cadence === 'push') return priced({ cadence, messageBytes, messagesPerAnswer: 1 }, wireBytes - messageBytes);
  if (!isAvailable(perAnswer)) return undefined;
  // How many ACKs travel with an answer of many segments is not the same twice, and is more than compressed headers: where sockets
  // tell what they carried, the law has the rest.
  const onSocket = geometricMean(counting.map(({ figures }) => figures.transportBytesPerMessage.total));
  const extraBytes = isAvailable(onSocket)
    ? exchangeBytes((onSocket - messageBytes) * perAnswer, messageBytes * perAnswer)
    : (wireBytes - messageBytes) * perAnswer;
  return priced({ cadence, messageBytes, messagesPerAnswer: perAnswer }, extraBytes);
}

function priced(way: Omit<WayBytes, 'extraBytes'>, extraBytes: number): WayBytes | undefined {
  return extraBytes > 0 ? { ...way, extraBytes } : undefined;
}
