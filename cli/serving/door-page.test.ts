import { describe, expect, test } from 'vitest';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { TRANSPORT_IDS, transportRow, tryItOf } from '../../servers/registry.ts';
import { doorFiles } from './door-page.ts';
import { planDoors } from './served-doors.ts';

const workload = loadWorkload('ticker');
const doors = planDoors({ transports: TRANSPORT_IDS, backplane: 'memory', asked: { nodes: [1] } }, workload);

function page(description = 'a feed', nodes = 1): string {
  const files = doorFiles(doors, { workload: { ...workload, description }, backplane: 'memory', node: 1, nodes });
  return files.find(({ path }) => path === '/')?.body ?? '';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll("'", '&#39;').replaceAll('"', '&quot;');
}

describe('the page', () => {
  test('has a lane for each variant, with its label and its command', () => {
    const text = page();
    expect(text.match(/<section class="lane"/g)).toHaveLength(doors.variants.length);
    for (const variant of doors.variants) {
      expect(text).toContain(`<h2>${transportRow(variant.transport).label}`);
      expect(text).toContain(`data-command="${escaped(tryItOf(variant))}"`);
    }
  });

  test('shows nothing where a token is wanted, and says where there is a field for one', () => {
    const files = doorFiles(doors, { workload, backplane: 'memory', node: 1, nodes: 1, tokenKey: '/home/me/key.pem' });
    const text = files.find(({ path }) => path === '/')?.body ?? '';
    expect(text).not.toMatch(/class="lane"|id="lanes"|key\.pem/);
    expect(text).toMatch(/must show a token, .*<a href="\/chat">/);
  });

  test('says which of several nodes it is', () => {
    expect(page('a feed', 3)).toContain('node 1 of 3, memory');
    expect(page()).toContain('a single node, memory');
  });

  test('holds a description as text', () => {
    const text = page('</p><script>alert(1)</script>');
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('&lt;/p&gt;&lt;script&gt;alert(1)');
  });

  test('fetches nothing but libraries of its own node', () => {
    const files = doorFiles(doors, { workload, backplane: 'memory', node: 1, nodes: 1 });
    const text = page();
    const asked = [...text.matchAll(/(?:src|href)="([^"]*)"/g)]
      .map(([, url = '']) => url)
      .filter((url) => url !== 'data:,');
    expect(asked.toSorted()).toEqual(
      files
        .map(({ path }) => path)
        .filter((path) => path !== '/')
        .toSorted(),
    );
  });
});

test('every transport of ours can be followed by a page', () => {
  expect(TRANSPORT_IDS.filter((id) => transportRow(id).page === undefined)).toEqual([]);
});
