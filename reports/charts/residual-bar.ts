import { html, type Markup } from '../html/html.ts';
import { percentOf } from './subject.ts';

interface Residual {
  /** As a share of the prediction. */
  readonly share: number;
  /** The least and the most of the trials. */
  readonly range: readonly [low: number, high: number];
  /** Beyond this, either way, it is not explained: the band is as wide. */
  readonly explained: number;
  /** It counts: beyond the band it is a doubt. */
  readonly counts: boolean;
}

/** Of bands to either side: what lies further out is at the edge, and points out of it. */
const BANDS = 2;
const HEIGHT_PX = 16;

/** A residual as a mark on the band of what is explained, with the range of its trials; the number stands beside it. */
export function residualBar({ share, range, explained, counts }: Residual): Markup {
  const at = (value: number): number => Math.min(1, Math.max(0, 0.5 + value / explained / (2 * BANDS)));
  const [from, to] = range.map(at);
  const middle = HEIGHT_PX / 2;
  const beyond = Math.abs(share) > BANDS * explained;
  const kind = counts && Math.abs(share) > explained ? ' beyond' : '';
  const mark = beyond
    ? html`<svg x="${percentOf(at(share))}" y="${middle}" overflow="visible"><path d="${share > 0 ? 'M-5-5 3 0-5 5Z' : 'M5-5-3 0 5 5Z'}"/></svg>`
    : html`<rect x="${percentOf(at(share))}" width="5" height="12" y="2" transform="translate(-2.5)"/>`;
  return html`<svg class="residual${kind}" width="128" height="${HEIGHT_PX}" aria-hidden="true"><rect class="explained" x="${percentOf(at(-explained))}" width="${percentOf(at(explained) - at(-explained))}" height="${HEIGHT_PX}"/><line class="zero" x1="50%" x2="50%" y2="${HEIGHT_PX}"/><line class="range" x1="${percentOf(from ?? 0)}" x2="${percentOf(to ?? 0)}" y1="${middle}" y2="${middle}"/>${mark}</svg>`;
}
