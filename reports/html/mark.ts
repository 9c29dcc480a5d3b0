import type { TransportLook } from '../../scenarios/transport-traits.ts';
import { html, type Markup } from './html.ts';

/** Of each shape, what is drawn in a box of 16 × 16 around the middle. */
const PATHS: Readonly<Record<TransportLook['shape'], string>> = {
  circle: 'M6.4 0A6.4 6.4 0 1 1-6.4 0 6.4 6.4 0 1 1 6.4 0Z',
  square: 'M-5.6-5.6H5.6V5.6H-5.6Z',
  triangle: 'M0-6.6 7 5.8H-7Z',
  diamond: 'M0-8 8 0 0 8-8 0Z',
  plus: 'M-2.4-7H2.4V-2.4H7V2.4H2.4V7H-2.4V2.4H-7V-2.4H-2.4Z',
};

/** The shapes of all transports, which marks anywhere on the page refer to; stands once, at its beginning. */
export const MARK_SHAPES: Markup = html`<svg class="shapes" aria-hidden="true" width="0" height="0"><defs>${Object.entries(
  PATHS,
).map(([shape, path]) => html`<path id="mark-${shape}" d="${path}"/>`)}</defs></svg>`;

/** A transport's mark in a line of text. It says nothing to who cannot see it: the name stands beside it. */
export function mark({ colour, shape }: TransportLook): Markup {
  return html`<svg class="mark ${colour}" viewBox="-8 -8 16 16" aria-hidden="true"><use href="#mark-${shape}"/></svg>`;
}
