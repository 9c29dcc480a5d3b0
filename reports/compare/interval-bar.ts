import type { TransportLook } from '../../scenarios/transport-traits.ts';
import { html, type Markup } from '../html/html.ts';
import type { Compared } from './change.ts';

/** From a half to twice. */
const OCTAVES = 1;

/** An interval about 1, which is in the middle; what lies beyond the ends goes on behind an arrow. */
export function intervalBar({ ratio, low, high }: Compared['estimate'], { shape }: TransportLook): Markup {
  const ends = html`${low < 1 / 2 ** OCTAVES ? arrow('0%', 'M6-4 0 0 6 4') : undefined}${high > 2 ** OCTAVES ? arrow('100%', 'M-6-4 0 0-6 4') : undefined}`;
  const isInside = Math.abs(Math.log2(ratio)) <= OCTAVES;
  const point = isInside
    ? html`<svg x="${placeOf(ratio)}" y="8" overflow="visible"><use href="#mark-${shape}"/></svg>`
    : undefined;
  return html`<svg class="interval" width="100%" height="16" aria-hidden="true"><line class="axis" x2="100%" y1="8" y2="8"/><line class="one" x1="50%" x2="50%" y2="16"/><line class="range" x1="${placeOf(low)}" x2="${placeOf(high)}" y1="8" y2="8"/>${ends}${point}</svg>`;
}

function arrow(x: string, d: string): Markup {
  return html`<svg x="${x}" y="8" overflow="visible"><path class="beyond" d="${d}"/></svg>`;
}

function placeOf(ratio: number): string {
  const share = Math.min(1, Math.max(0, 0.5 + Math.log2(ratio) / (2 * OCTAVES)));
  return `${(100 * share).toFixed(1)}%`;
}
