import { carriageOf } from '../../../scenarios/carriage.ts';
import { dimension, isDimensionId } from '../../../scenarios/dimensions.ts';
import type { Result } from '../../../scenarios/result/result.ts';
import { recordBytes } from '../../../scenarios/tls/records.ts';
import { isCompressed, isOverTls, type Variant } from '../../../scenarios/variant.ts';
import { derive, type Figure, isAvailable, per, sum } from '../../figures/figure.ts';
import type { Group } from '../../report/groups.ts';
import type { MeasuredRow } from '../../report/rows.ts';

/** A variant over TLS beside what it is without. */
export interface TlsPair {
  readonly secured: Group;
  readonly plain: Group;
}

/** Those that were measured both ways, by the same generator with as many clients. */
export function tlsPairs(groups: readonly Group[]): TlsPair[] {
  const measured = groups.filter(({ isCopy, counting }) => !isCopy && counting.length > 0);
  const byPlace = new Map(measured.filter((group) => !isSecured(group)).map((group) => [placeOf(group), group]));
  return measured.filter(isSecured).flatMap((secured) => {
    const plain = byPlace.get(placeOf(secured));
    return plain === undefined ? [] : [{ secured, plain }];
  });
}

function isSecured({ counting: [first] }: Group): boolean {
  return first !== undefined && isOverTls(first.trial.variant);
}

/** All that two variants must have in common; whether sessions go on means something over TLS alone. */
function placeOf({ counting: [first] }: Group): string {
  if (first === undefined) return '';
  const { variant, generator, clients } = first.trial;
  return JSON.stringify([variant.transport, variant.backplane, generator, clients, withoutTls(variant)]);
}

function withoutTls({ values }: Variant): [string, string | number][] {
  return Object.entries(values).filter(
    ([id]) => id !== 'tls' && (!isDimensionId(id) || dimension(id).hangsOn !== 'tls'),
  );
}

/** The mean over the trials that count. */
export function meanOf({ counting }: Group, of: (row: MeasuredRow) => Figure): Figure {
  return derive(counting.map(of), (...values) => sum(values) / values.length);
}

/** Without what is usual a page names where it came from: `https` is a letter longer. */
const REFERER_BYTES: Readonly<Record<string, number>> = { browser: 1 };
/** A request, and its answer. */
const WRITES_OF_AN_EXCHANGE = 2;

/**
 * What a client's sockets carry for a message over TLS, by the formula: what they carry without it, and 22 bytes for each record. What is pushed
 * is a record a write; a request is one, and its answer one for each 16 KiB.
 */
export function expectedBytes({ secured, plain }: TlsPair, result: Result): Figure {
  const [row] = secured.counting;
  if (row === undefined) return { reason: 'no trial counts' };
  const { variant } = row.trial;
  const traits = result.transports[variant.transport];
  if (traits === undefined || traits.outside === true) return { reason: 'it is not known how clients get messages' };
  if (variant.values['http'] === '2') return { reason: 'over HTTP/2 frames of several requests share records' };
  const carriage = carriageOf(traits, variant.values);
  const bytes = meanOf(plain, ({ figures }) => figures.transportBytesPerMessage.total);
  if (carriage.cadence !== 'push') return derive([bytes, exchangeBytes({ secured, plain })], (own, tls) => own + tls);
  if (isCompressed(variant)) return { reason: 'how much is compressed hangs on what is in it' };
  return derive([bytes], (own) => own + recordBytes(own, carriage.writes));
}

/** What TLS adds to an exchange, for each of the messages in it. */
function exchangeBytes({ secured, plain }: TlsPair): Figure {
  const referer = REFERER_BYTES[String(secured.counting[0]?.trial.variant.values['headers'])] ?? 0;
  const messages = meanOf(secured, ({ figures }) => per(figures.deliveries, figures.answers, 'no answers'));
  const answer = meanOf(plain, ({ figures }) =>
    derive(
      [figures.transportBytesPerMessage.down, per(figures.deliveries, figures.answers, 'no answers')],
      (down, each) => down * each,
    ),
  );
  if (!isAvailable(messages) || !isAvailable(answer)) return { reason: 'nobody counted answers' };
  return (recordBytes(answer, WRITES_OF_AN_EXCHANGE) + referer) / messages;
}
