import { readFileSync } from 'node:fs';
import type { TransportId } from '../../servers/registry.ts';
import { followerStatement, pageLibraries, withoutEndTag } from '../../servers/page-source.ts';

/** A page that can follow a transport, in one file: nothing of it crosses the wire. */
export function pageDocument(transport: TransportId): string {
  const scripts = [
    ...pageLibraries([transport]).map(({ text }) => withoutEndTag(text)),
    'globalThis.followers = {};',
    followerStatement(transport) ?? '',
    readFileSync(new URL('page-client.js', import.meta.url), 'utf8'),
  ];
  const head = '<!doctype html><meta charset="utf-8"><title>feedbench</title><link rel="icon" href="data:,">';
  return [head, ...scripts.map((script) => `<script>${script}</script>`)].join('\n');
}
