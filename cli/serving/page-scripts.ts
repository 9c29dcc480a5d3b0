import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { html, Markup } from '../../reports/html/html.ts';
import type { NodeOptions } from '../../servers/node/node.ts';
import { followerStatement, pageLibraries } from '../../servers/page-source.ts';
import { type TransportId, transportRow } from '../../servers/registry.ts';

export type NodeFile = NonNullable<NodeOptions['files']>[number];

/** Nothing from elsewhere, and nothing but what stands in the page or comes from its node; frames may be of other ports. */
function contentSecurity(hasFrames: boolean): Markup {
  const frames = hasFrames ? ' frame-src http:;' : '';
  return new Markup(
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'self' 'unsafe-inline'; connect-src 'self';${frames} img-src data:; base-uri 'none'; form-action 'none'">`,
  );
}

/** The libraries that pages need for these doors, as files of the node. */
export function libraryFiles(transports: readonly TransportId[]): NodeFile[] {
  return pageLibraries(transports).map(({ path, text }) => ({
    path,
    contentType: 'text/javascript; charset=utf-8',
    body: text,
  }));
}

/**
 * What a page runs: the libraries, `nodeReader`, `followers` with the function of each transport that a page can follow, and
 * then the page's own scripts, files of this folder.
 */
export function pageScripts(transports: readonly TransportId[], own: readonly string[]): Markup[] {
  const paths = new Set(transports.flatMap((id) => transportRow(id).page?.library?.path ?? []));
  return [
    ...[...paths].map((path) => html`<script src="${path}"></script>`),
    new Markup(`<script>${readOwnFile('node-reader.js')}</script>`),
    new Markup('<script>globalThis.followers = {};</script>'),
    ...transports.flatMap((id) => followerScript(id) ?? []),
    ...own.map((name) => new Markup(`<script>${readOwnFile(name)}</script>`)),
  ];
}

function followerScript(id: TransportId): Markup | undefined {
  const statement = followerStatement(id);
  return statement === undefined ? undefined : new Markup(`<script>${statement}</script>\n`);
}

function readOwnFile(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

/** All of a page's head, in one file with its styles. */
export function pageHead(title: string, styles: readonly string[], { hasFrames = false } = {}): Markup {
  return html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${contentSecurity(hasFrames)}
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${styles.map((style) => new Markup(readOwnFile(style)))}</style>
</head>`;
}
