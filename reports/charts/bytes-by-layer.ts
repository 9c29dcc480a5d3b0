import type { MeasuredTrial } from '../../scenarios/result/result.ts';
import { asksForStates, isCompressed } from '../../scenarios/variant.ts';
import { derive, type Figure, isAvailable, sum } from '../figures/figure.ts';
import type { Figures } from '../figures/figures.ts';
import { centreOf, type Group, rangeOf } from '../report/groups.ts';
import { type Bar, layersOf } from './stacked-bars.ts';
import { subjectOf } from './subject.ts';

interface LayerRow {
  readonly label: string;
  /** Its place in the steps of blue. */
  readonly step: number;
  readonly of: (figures: Figures, trial: MeasuredTrial) => Figure;
}

/** What is compressed has no part of the message's own size. */
const COMPRESSED = { reason: 'compressed' };
const OTHERWISE = { reason: 'other things than headers and framing are with them' };

/**
 * What lies first on the wire stands first: what was compressed is inside of TCP/IP as the rest is. Clients that speak are in no
 * feed of states, so what either has in the place of headers and framing has the same step.
 */
const LAYERS: readonly LayerRow[] = [
  {
    label: 'message',
    step: 0,
    of: ({ payloadBytesPerMessage }, { variant }) => (isCompressed(variant) ? COMPRESSED : payloadBytesPerMessage),
  },
  {
    label: 'headers and framing',
    step: 1,
    of: (figures, trial) => (isHeadersAlone(figures, trial) ? besides(figures, 'total') : OTHERWISE),
  },
  {
    label: 'headers, and what is sent again in states',
    step: 5,
    of: (figures, trial) =>
      asksForStates(trial.variant) && !isCompressed(trial.variant) ? besides(figures, 'total') : OTHERWISE,
  },
  {
    label: 'headers, framing, and answers to what clients say',
    step: 1,
    of: (figures, { variant }) => (isSpoken(figures) && !isCompressed(variant) ? besides(figures, 'down') : OTHERWISE),
  },
  {
    label: 'what clients say and ask for',
    step: 5,
    of: (figures, { variant }) =>
      isSpoken(figures) && !isCompressed(variant) ? figures.transportBytesPerMessage.up : OTHERWISE,
  },
  {
    label: 'message when compressed, headers, and whatever else goes over connections',
    step: 3,
    of: ({ transportBytesPerMessage }, { variant }) =>
      isCompressed(variant) ? transportBytesPerMessage.total : { reason: 'not compressed' },
  },
  {
    label: 'TCP/IP, Ethernet and ACKs',
    step: 2,
    of: ({ wireBytesPerMessage, transportBytesPerMessage }) =>
      derive([wireBytesPerMessage.total, transportBytesPerMessage.total], (wire, transport) => wire - transport),
  },
  {
    label: 'whatever else goes over connections, TCP/IP, Ethernet and ACKs, not told apart',
    step: 4,
    of: ({ wireBytesPerMessage, transportBytesPerMessage, payloadBytesPerMessage }, { variant }) =>
      isAvailable(transportBytesPerMessage.total) || isCompressed(variant)
        ? { reason: 'told apart' }
        : derive([wireBytesPerMessage.total, payloadBytesPerMessage], (wire, payload) => wire - payload),
  },
];

function isHeadersAlone(figures: Figures, trial: MeasuredTrial): boolean {
  return !isCompressed(trial.variant) && !isSpoken(figures) && !asksForStates(trial.variant);
}

function isSpoken({ commandsPerMessage }: Figures): boolean {
  return isAvailable(commandsPerMessage) && commandsPerMessage > 0;
}

/** What is no message that is new to its client. */
function besides({ transportBytesPerMessage, payloadBytesPerMessage }: Figures, way: 'down' | 'total'): Figure {
  return derive([transportBytesPerMessage[way], payloadBytesPerMessage], (all, payload) => all - payload);
}

/** Undefined where no bytes are known; a layer that was not measured in all of the trials is missing. */
export function bytesBar(group: Group): Bar | undefined {
  const parts = LAYERS.flatMap((layer) => partOf(group, layer));
  if (parts.length === 0) return undefined;
  const wire = centreOf(group, 'bytes.wire');
  const onlyParts = sum(parts.map(({ values }) => sum(values))) / group.counting.length;
  const total = isAvailable(wire) ? wire : onlyParts;
  const range = isAvailable(wire) && group.counting.length > 1 ? rangeOf(group, 'bytes.wire') : undefined;
  return { subject: subjectOf(group), layers: layersOf(total, parts), total, range };
}

function partOf(
  { counting }: Group,
  { step, label, of }: LayerRow,
): { step: number; label: string; values: number[] }[] {
  const values = counting.map(({ figures, trial }) => of(figures, trial)).filter((value) => isAvailable(value));
  return values.length < counting.length || values.length === 0 ? [] : [{ step, label, values }];
}
