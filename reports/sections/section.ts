import { type Figure, isAvailable } from '../figures/figure.ts';
import { html, type Markup } from '../html/html.ts';
import { mark } from '../html/mark.ts';
import type { Place } from '../html/place.ts';
import type { Report } from '../report/report.ts';
import type { Named, Row } from '../report/rows.ts';
import { distinct } from '../figures/wording.ts';

/** A part of the page; undefined where it has nothing to say. */
export type Section = (report: Report, place?: Place) => Markup | undefined;

export function section(title: string, content: Markup): Markup {
  return html`<section><h2>${title}</h2>
${content}</section>
`;
}

/** A figure, or `n/a` with its reason where the pointer rests. */
export function figureCell(figure: Figure, format: (value: number) => string): Markup {
  return isAvailable(figure) ? html`${format(figure)}` : html`<span class="muted" title="${figure.reason}">n/a</span>`;
}

/** Why figures of a table are n/a, each reason once: on paper and under a finger there are no tooltips. */
export function missingText(figures: readonly Figure[]): string {
  const reasons = distinct(figures.flatMap((figure) => (isAvailable(figure) ? [] : [figure.reason])));
  return reasons.length === 0 ? '' : ` n/a: ${reasons.join('; ')}.`;
}

/** The name of a row or a group behind its transport's mark. */
export function rowName({ look, label }: Pick<Named, 'look' | 'label'>): Markup {
  return html`${mark(look)}<bdi>${label.replaceAll(' × ', '\u00a0×\u00a0')}</bdi>`;
}

/** What the legend picks a trial's row by: here the transport is enough. */
export function variantKeyOf({ trial }: Pick<Row, 'trial'>): string {
  return trial.variant.transport;
}
