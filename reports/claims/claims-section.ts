import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { type Judged, judgedHere } from './judged-claims.ts';
import { numbersText, verdictText } from './verdict.ts';
import { html } from '../html/html.ts';
import type { Place } from '../html/place.ts';
import { type Column, table } from '../html/table.ts';
import { section, type Section } from '../sections/section.ts';

/** What this run's own figures say of a guide's claims; nothing where they say nothing. */
export const claims: Section = (report, place = {}) => {
  const all = judgedHere(report);
  if (all.length === 0) return undefined;
  return section(
    'What a guide on WebSockets claims, and this run says',
    html`${table(all, columns(place))}<p class="note">A claim is held against the plainest trials here, for this feed, these clients and this machine alone. ${
      place.claims === undefined
        ? html`<code>${INSTALLATION.command} claims</code> holds every claim of the guide against measurements of its own.`
        : html`Every claim of the guide, with what was measured for it and the rule that decides: <a href="${place.claims}">the page of claims</a>.`
    }</p>`,
  );
};

function columns({ claims: page }: Place): Column<Judged>[] {
  return [
    {
      title: 'claim',
      cell: ({ claim }) =>
        page === undefined ? html`“${claim.said}”` : html`“<a href="${page}#${claim.id}">${claim.said}</a>”`,
    },
    { title: 'verdict', cell: ({ verdict }) => html`<b>${verdictText(verdict, { here: true })}</b>` },
    { title: 'what this run measured', cell: ({ verdict }) => numbersText(verdict) },
  ];
}
