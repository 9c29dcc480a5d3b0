import { html, type Markup } from '../html/html.ts';
import { mark } from '../html/mark.ts';
import type { TransportLook } from '../../scenarios/transport-traits.ts';

interface Entry {
  /** What it is reached by. */
  readonly id: string;
  readonly name: string;
}

export interface LegendEntry {
  /** The transport, with which the key of each of its groups begins. */
  readonly id: string;
  readonly label: string;
  readonly look: TransportLook;
}

/** Where everything is, and the legend of the whole page: pressing a transport makes the others step aside. */
export function contents(entries: readonly Entry[], legend: readonly LegendEntry[]): Markup {
  const links = entries.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`);
  return html`<nav class="contents" aria-label="Contents"><ol>${links}</ol></nav>
${legend.length < 2 ? undefined : legendButtons(legend)}`;
}

function legendButtons(legend: readonly LegendEntry[]): Markup {
  const buttons = legend.map(
    ({ id, label, look }) =>
      html`<button type="button" data-pick="${id}" aria-pressed="false">${mark(look)}<bdi>${label}</bdi></button>`,
  );
  return html`<div class="legend" role="group" aria-label="Highlight a transport" data-scripted hidden><span aria-hidden="true">Highlight</span>${buttons}</div>`;
}
