import { derive, type Figure, isAvailable } from '../figure.ts';
import type { Figures } from '../figures.ts';
import { isSuspect } from '../report.ts';
import type { BarDataset, Chart } from './chart.ts';

interface Layer {
  readonly label: string;
  readonly of: (figures: Figures) => Figure;
}

const LAYERS: readonly Layer[] = [
  { label: 'message', of: ({ payloadBytesPerMessage }) => payloadBytesPerMessage },
  {
    label: 'headers and framing',
    of: ({ transportBytesPerMessage, payloadBytesPerMessage }) =>
      derive([transportBytesPerMessage.total, payloadBytesPerMessage], (transport, payload) => transport - payload),
  },
  {
    label: 'TCP/IP, Ethernet and ACKs',
    of: ({ wireBytesPerMessage, transportBytesPerMessage }) =>
      derive([wireBytesPerMessage.total, transportBytesPerMessage.total], (wire, transport) => wire - transport),
  },
];

export const bytesByLayer: Chart = {
  id: 'bytes-by-layer',
  question: 'What crosses the wire for one message?',
  caption: () =>
    'Bytes of both directions in the window, divided by the messages delivered in it. A layer that was not measured is missing.',
  build: ({ measured }) => {
    if (measured.length === 0) return 'Nothing was measured.';
    const hollow = measured.map(isSuspect);
    return {
      type: 'bar',
      labels: measured.map(({ lines }) => lines),
      datasets: LAYERS.map(
        ({ label, of }, index): BarDataset => ({
          label,
          data: measured.map(({ figures }) => numberOrNull(of(figures))),
          colour: `layer-${index}`,
          hollow,
        }),
      ),
      value: { title: 'bytes per delivered message', format: 'bytes' },
    };
  },
};

function numberOrNull(figure: Figure): number | null {
  return isAvailable(figure) ? figure : null;
}
