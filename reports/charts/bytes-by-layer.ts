import { isCompressed } from '../../scenarios/variant.ts';
import { derive, isAvailable } from '../figures/figure.ts';
import type { Chart } from './chart.ts';
import { stackBars } from './stacked-bars.ts';

/** What is compressed has no part of the message's own size. */
const COMPRESSED = { reason: 'compressed' };

const LAYERS: Parameters<typeof stackBars>[1] = [
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
    label: 'message when compressed, headers and framing',
    of: ({ transportBytesPerMessage }, variant) =>
      isCompressed(variant) ? transportBytesPerMessage.total : { reason: 'not compressed' },
  },
  {
    label: 'TCP/IP, Ethernet and ACKs',
    of: ({ wireBytesPerMessage, transportBytesPerMessage }) =>
      derive([wireBytesPerMessage.total, transportBytesPerMessage.total], (wire, transport) => wire - transport),
  },
  {
    label: 'both of these, not told apart',
    of: ({ wireBytesPerMessage, transportBytesPerMessage, payloadBytesPerMessage }, variant) =>
      isAvailable(transportBytesPerMessage.total) || isCompressed(variant)
        ? { reason: 'told apart' }
        : derive([wireBytesPerMessage.total, payloadBytesPerMessage], (wire, payload) => wire - payload),
  },
];

export const bytesByLayer: Chart = {
  id: 'bytes-by-layer',
  question: 'What crosses the wire for one message?',
  caption: () =>
    'Bytes of both directions in the window, divided by the messages delivered in it. A layer that was not measured is missing.',
  build: ({ measured }) => stackBars(measured, LAYERS, { title: 'bytes per delivered message', format: 'bytes' }),
};
