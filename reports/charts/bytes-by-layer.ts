import { isCompressed, type Variant } from '../../scenarios/variant.ts';
import { derive, type Figure, isAvailable, sum } from '../figures/figure.ts';
import type { Figures } from '../figures/figures.ts';
import { centreOf, type Group, rangeOf } from '../report/groups.ts';
import { type Bar, layersOf } from './stacked-bars.ts';
import { subjectOf } from './subject.ts';

interface LayerRow {
  readonly label: string;
  readonly of: (figures: Figures, variant: Variant) => Figure;
}

/** What is compressed has no part of the message's own size. */
const COMPRESSED = { reason: 'compressed' };

const LAYERS: readonly LayerRow[] = [
  {
    label: 'message',
    of: ({ payloadBytesPerMessage }, variant) => (isCompressed(variant) ? COMPRESSED : payloadBytesPerMessage),
  },
  {
    label: 'headers and framing',
    of: ({ transportBytesPerMessage, payloadBytesPerMessage }, variant) =>
      isCompressed(variant)
        ? COMPRESSED
        : derive([transportBytesPerMessage.total, payloadBytesPerMessage], (transport, payload) => transport - payload),
  },
  {
    label: 'TCP/IP, Ethernet and ACKs',
    of: ({ wireBytesPerMessage, transportBytesPerMessage }) =>
      derive([wireBytesPerMessage.total, transportBytesPerMessage.total], (wire, transport) => wire - transport),
  },
  {
    label: 'message when compressed, headers and framing',
    of: ({ transportBytesPerMessage }, variant) =>
      isCompressed(variant) ? transportBytesPerMessage.total : { reason: 'not compressed' },
  },
  {
    label: 'headers, framing, TCP/IP, Ethernet and ACKs, not told apart',
    of: ({ wireBytesPerMessage, transportBytesPerMessage, payloadBytesPerMessage }, variant) =>
      isAvailable(transportBytesPerMessage.total) || isCompressed(variant)
        ? { reason: 'told apart' }
        : derive([wireBytesPerMessage.total, payloadBytesPerMessage], (wire, payload) => wire - payload),
  },
];

/** What lies first on the wire stands first: what was compressed is inside of TCP/IP as the rest is. */
const ORDER = [0, 1, 3, 2, 4];

/** Undefined where no bytes are known; a layer that was not measured in all of the trials is missing. */
export function bytesBar(group: Group): Bar | undefined {
  const parts = ORDER.flatMap((step) => partOf(group, step));
  if (parts.length === 0) return undefined;
  const wire = centreOf(group, 'bytes.wire');
  const onlyParts = sum(parts.map(({ values }) => sum(values))) / group.counting.length;
  const total = isAvailable(wire) ? wire : onlyParts;
  const range = isAvailable(wire) && group.counting.length > 1 ? rangeOf(group, 'bytes.wire') : undefined;
  return { subject: subjectOf(group), layers: layersOf(total, parts), total, range };
}

function partOf({ counting }: Group, step: number): { step: number; label: string; values: number[] }[] {
  const layer = LAYERS[step];
  if (layer === undefined) return [];
  const values = counting
    .map(({ figures, trial }) => layer.of(figures, trial.variant))
    .filter((value) => isAvailable(value));
  return values.length < counting.length || values.length === 0 ? [] : [{ step, label: layer.label, values }];
}
