import { expect, test } from 'vitest';
import { isChannel, isUser } from '../../scenarios/feed/channels.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import { TRANSPORT_IDS, transportRow } from '../../servers/registry.ts';
import { CHAT_PATH, chatFiles } from './chat-page.ts';
import { planDoors } from './served-doors.ts';

const workload = loadWorkload('ticker');

function page(backplane: 'memory' | 'socketio-sharded' = 'memory', nodes = 1): string | undefined {
  const doors = planDoors({ transports: TRANSPORT_IDS, backplane, asked: { nodes: [1] } }, workload);
  const [file] = chatFiles(doors, { workload, node: 1, nodes });
  expect(file?.path ?? CHAT_PATH).toBe(CHAT_PATH);
  return file?.body;
}

test('one can take part by every transport, in each of its shapes', () => {
  const text = page() ?? '';
  const options = [...text.matchAll(/<option value="\d+">([^<]*)<\/option>/g)].map(([, label = '']) => label);
  for (const id of TRANSPORT_IDS)
    expect(options.filter((label) => label.startsWith(transportRow(id).label)).length).toBeGreaterThan(0);
  expect(new Set(options).size).toBe(options.length / 2);
});

test('where nodes have no log in common there is no conversation', () => {
  expect(page('socketio-sharded')).toBeUndefined();
});

test('it says that other nodes have the same conversation', () => {
  expect(page('memory', 3)).toContain('Node 1 of 3');
  expect(page()).not.toContain('of 1');
});

test('names that its form lets through are names, the longest too', () => {
  const text = page() ?? '';
  const [, pattern = ''] = /id="user"[^>]* pattern="([^"]*)"/.exec(text) ?? [];
  const [, most = ''] = /id="user"[^>]* maxlength="(\d+)"/.exec(text) ?? [];
  const form = new RegExp(`^(?:${pattern})$`, 'v');
  for (const name of ['ann', 'Ben-2', 'a.b_c~d:e', 'x'.repeat(Number(most))]) {
    expect(form.test(name)).toBe(true);
    expect([isUser(name), isChannel(`room:${name}`)]).toEqual([true, true]);
  }
  for (const name of ['', 'an n', 'a,b', 'ä', '<b>', 'a/b']) expect(form.test(name)).toBe(false);
  expect(isUser('x'.repeat(Number(most) + 1))).toBe(false);
});

test('it asks nothing of anybody but its own node', () => {
  const asked = [...(page() ?? '').matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url = '']) => url);
  expect(asked.filter((url) => url !== 'data:,' && !/^\/[^/]?/.test(url))).toEqual([]);
  expect(page()).toContain("default-src 'none'");
});
