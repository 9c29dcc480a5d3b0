import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { html, Markup } from './html.ts';

interface Document {
  readonly title: string;
  readonly body: Markup;
  /** Sources of scripts, run in turn at the end of the body. */
  readonly scripts: readonly string[];
}

/** A whole page in one file: nothing is fetched, so it reads the same offline, years later. */
export function renderDocument({ title, body, scripts }: Document): string {
  const style = new Markup(readPageFile('style.css'));
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
${scripts.map((source) => new Markup(`<script>${source.replaceAll('</script', '<\\/script')}</script>\n`))}</body>
</html>
`;
  return text;
}

/** A file that lies beside this one, as text. */
function readPageFile(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

/** Chart.js, and what draws every canvas of a page with it. */
export function chartScripts(): string[] {
  const main = createRequire(import.meta.url).resolve('chart.js');
  return [readFileSync(join(dirname(main), 'chart.umd.min.js'), 'utf8'), readPageFile('draw-charts.js')];
}
