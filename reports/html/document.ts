import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { html, Markup } from './html.ts';
import { MARK_SHAPES } from './mark.ts';

interface Document {
  readonly title: string;
  readonly body: Markup;
  /** Stands beside the body, or above it where there is no room. */
  readonly rail?: Markup;
  /** Sources of scripts, run in turn at the end of the body. Without them everything but comfort is there. */
  readonly scripts: readonly string[];
  /** Files beside this one, of what this page alone has; they come after what all pages share, and before print. */
  readonly styles?: readonly string[];
}

/** What all pages look like, in the order in which it is applied. */
const STYLES = ['style.css', 'tables.css', 'charts.css', 'page.css', 'answer.css'];
const PRINT_STYLE = 'print.css';

/**
 * A whole page in one file: nothing is fetched, so it reads the same offline, years later. Its policy names what it is made
 * of by hash: nothing else runs, and no element brings a style of its own.
 */
export function renderDocument({ title, body, rail, scripts, styles = [] }: Document): string {
  const style = [...STYLES, ...styles, PRINT_STYLE].map(readPageFile).join('');
  const sources = scripts.map((source) => source.replaceAll('</script', '<\\/script'));
  const main = html`<main>
${body}
</main>`;
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(style, sources)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${MARK_SHAPES}
${rail === undefined ? html`<div class="frame">${main}</div>` : html`<div class="frame railed"><aside class="rail">${rail}</aside>${main}</div>`}
${sources.map((source) => new Markup(`<script>${source}</script>\n`))}</body>
</html>
`;
  return text;
}

/** For a page without a server: what stands in its head is all that a browser is told. */
function policyOf(style: string, scripts: readonly string[]): string {
  const scriptSources = scripts.length === 0 ? "'none'" : scripts.map(hashSource).join(' ');
  return [
    "default-src 'none'",
    `style-src ${hashSource(style)}`,
    `script-src ${scriptSources}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A file that lies beside this one, as text. */
function readPageFile(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

/** Contents that follow the reader, one legend for the page, commands that can be copied. */
export function pageScripts(): string[] {
  return [readPageFile('page.js')];
}

/** The form for a reader's own numbers, behind the functions that it asks. */
export function formScripts(functions: string): string[] {
  return [functions, readPageFile('own-numbers.js')];
}

/** What filters the list of runs, and sets those that are ticked side by side. */
export function indexScripts(): string[] {
  return [readPageFile('index-page.js')];
}

/** Chart.js with its zoom, and what draws every plot of a page with them. */
export function chartScripts(): string[] {
  return [
    readPackageFile('chart.js', 'chart.umd.min.js'),
    readPackageFile('chartjs-plugin-zoom', 'chartjs-plugin-zoom.min.js'),
    readPageFile('draw-charts.js'),
  ];
}

/** A file that lies beside the one by which the package is loaded. */
function readPackageFile(name: string, file: string): string {
  const main = createRequire(import.meta.url).resolve(name);
  return readFileSync(join(dirname(main), file), 'utf8');
}
