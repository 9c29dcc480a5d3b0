import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COLOURS } from '../../scenarios/transport-traits.ts';
import { html } from './html.ts';
import { chartScripts, pageScripts, renderDocument } from './document.ts';

const STYLE = readFileSync(join(import.meta.dirname, 'style.css'), 'utf8');

/** Custom properties of `:root`, the first time they stand there for light, the second time for dark. */
function coloursOf(scheme: 'light' | 'dark'): Map<string, string> {
  const blocks = [...STYLE.matchAll(/:root[^{]*\{([^}]*)\}/g)].map(([, block = '']) => block);
  const [light = '', dark = ''] = blocks;
  const read = (block: string): [string, string][] =>
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', hex = '']) => [name, hex]);
  return new Map([...read(light), ...(scheme === 'dark' ? read(dark) : [])]);
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((left, right) => left - right);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  const colours = coloursOf(scheme);
  const of = (name: string): string => {
    const hex = colours.get(name);
    if (hex === undefined) throw new Error(`no --${name}`);
    return hex;
  };

  test.each(['paper', 'card', 'wash', 'grid'])('marks are seen on %s', (ground) => {
    const pale = COLOURS.filter((colour) => contrast(of(colour), of(ground)) < 3);
    expect(pale).toEqual([]);
  });

  test.each(['paper', 'card', 'wash'])('text is read on %s', (ground) => {
    const pale = ['ink', 'muted', 'link', 'doubt', 'bad'].filter((name) => contrast(of(name), of(ground)) < 4.5);
    expect(pale).toEqual([]);
  });

  test('what is wrong, and what is doubtful, is read on its own paper', () => {
    expect(contrast(of('ink'), of('bad-paper'))).toBeGreaterThan(4.5);
    expect(contrast(of('ink'), of('doubt-paper'))).toBeGreaterThan(4.5);
  });
});

test('every script and style of a page is named by its hash, and no other', () => {
  const scripts = [...chartScripts(), ...pageScripts()];
  const page = renderDocument({ title: '</title>', body: html``, scripts });
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
  expect(policy).not.toContain('unsafe');
  expect(policy.match(/sha256-/g)).toHaveLength(scripts.length + 1);
  expect(renderDocument({ title: '', body: html``, scripts: [] })).toContain('script-src &#39;none&#39;');
});
