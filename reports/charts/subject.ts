import type { TransportLook } from '../../scenarios/transport-traits.ts';
import { html, type Markup } from '../html/html.ts';
import type { Group } from '../report/groups.ts';
import type { Report } from '../report/report.ts';
import { isSuspect, settingLook } from '../report/rows.ts';

/** What a line or a bar is of: who it is, and how it looks. */
export interface Subject extends TransportLook {
  /** By which the page's legend finds it, and the transport that it is of; absent where there is none. */
  readonly key: string;
  readonly transport?: string;
  readonly label: string;
  /** The same in short lines: the transport, and what else tells it from others. */
  readonly lines: readonly string[];
  /** `2 of 5 suspect`. */
  readonly doubt?: string | undefined;
  /** As `stroke-dasharray`; empty for a solid line. */
  readonly dash: string;
  readonly hollow: boolean;
}

/** What is drawn: the copy of a control is in no chart, and what has no trial that counts has nothing to draw. */
export function drawnGroups({ groups }: Report): Group[] {
  return groups.filter(({ isCopy, counting }) => !isCopy && counting.length > 0);
}

export function subjectOf({ key, label, lines, look, rows, counting }: Group): Subject {
  const { dash, hollow } = settingLook(look.settingIndex);
  const suspects = counting.filter(isSuspect).length;
  const doubt = suspects === 0 ? undefined : suspectText(suspects, counting.length);
  return {
    key,
    transport: rows[0]?.trial.variant.transport ?? '',
    label: doubt === undefined ? label : `${label}, ${doubt}`,
    lines,
    doubt,
    colour: look.colour,
    shape: look.shape,
    dash,
    hollow: hollow || (suspects > 0 && suspects === counting.length),
  };
}

function suspectText(suspects: number, trials: number): string {
  if (trials === 1) return 'suspect';
  return suspects === trials ? 'all suspect' : `${suspects} of ${trials} suspect`;
}

/** By these attributes the legend of the page finds what it highlights, and the style sheet its colour. */
export function attributesOf({ key, transport, colour }: Subject, kind = 'series'): Markup {
  const of = transport === undefined ? undefined : html` data-transport="${transport}"`;
  return html` class="${kind} ${colour}" data-group="${key}"${of}`;
}

interface Place {
  /** In per cent, or in pixels from where its parent begins. */
  readonly x: string;
  readonly y: number;
}

/** The subject's shape, its middle at that place. */
export function pointAt({ x, y }: Place, { shape, hollow }: Subject): Markup {
  return html`<svg x="${x}" y="${rounded(y)}" overflow="visible"><use class="point${hollow ? ' hollow' : ''}" href="#mark-${shape}"/></svg>`;
}

/** Before a name in a line of text. */
export function markInText({ colour, shape, hollow }: Subject): Markup {
  return html`<svg class="mark ${colour}${hollow ? ' hollow' : ''}" viewBox="-8 -8 16 16" aria-hidden="true"><use href="#mark-${shape}"/></svg>`;
}

/** What stands in the lines of every one of them need not be said again at each. */
export function sharedLines(subjects: readonly Subject[]): ReadonlySet<string> {
  const [first, ...others] = subjects;
  if (first === undefined || others.length === 0) return new Set();
  return new Set(first.lines.slice(1).filter((line) => others.every(({ lines }) => lines.includes(line))));
}

/** `Server-Sent Events` above `redis × 3, gzip` above a doubt, without what is shared. */
export function nameLines({ lines, label, doubt }: Subject, shared: ReadonlySet<string>): string[] {
  const [first = label, ...rest] = lines;
  const told = rest.filter((line) => !shared.has(line));
  return [first, ...wrapped([...told, ...(doubt === undefined ? [] : [doubt])].join(', '))];
}

/** The same in one line, without the doubt. */
export function shortName({ lines, label }: Subject, shared: ReadonlySet<string>): string {
  const [first = label, ...rest] = lines;
  return [first, ...rest.filter((line) => !shared.has(line))].join(', ');
}

const LONGEST_LINE = 34;

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter((one) => one !== '')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > LONGEST_LINE) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Enough for a pixel to be told. */
export function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A share of the whole as an attribute: `12.3%`. */
export function percentOf(share: number): string {
  return `${rounded(100 * share)}%`;
}
