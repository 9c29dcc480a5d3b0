import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { addMerge } from '../cli/commands/merge.ts';
import { addPublish } from '../cli/commands/publish.ts';
import { addServe } from '../cli/commands/serve.ts';
import { settingsFor } from '../servers/balancers.ts';

const ROOT = dirname(import.meta.dirname);
const paths = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.(?:yaml|sh|cfg|md)$/.test(path) || path === 'Dockerfile',
);
const files = new Map(paths.map((path) => [path, readFileSync(join(import.meta.dirname, path), 'utf8')]));
const all = [...files.values()].join('\n');

function read(path: string): string {
  return files.get(path) ?? '';
}

/** First groups of all matches. */
function found(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, group = '']) => group))];
}

function tagsOf(image: string): string[] {
  return found(all, new RegExp(String.raw`(?:image:|FROM|-t) ${image}:(\S+)`, 'g'));
}

test('an image has one tag everywhere, and ours that of the version', () => {
  const images = found(all, /(?:image:|FROM) ([\w/-]+):/g);
  expect(images).toEqual(
    expect.arrayContaining(['redis', 'haproxy', 'feedbench', 'feedbench-generator', 'grafana/k6']),
  );
  for (const image of images)
    expect([image, tagsOf(image)]).toEqual([image, [expect.stringMatching(/^\d+\.\d+\.\d+/)]]);
  for (const image of ['feedbench', 'feedbench-generator']) expect(tagsOf(image)).toEqual([manifest.version]);
  expect(found(all, /newTag: (\S+)/g)).toEqual([manifest.version]);
});

test('the images have the Node and the k6 that are pinned here', () => {
  expect(tagsOf('node')).toEqual([`${manifest.dependencies.node}-bookworm-slim`]);
  expect(found(readFileSync(join(ROOT, 'load/k6/go.mod'), 'utf8'), /go\.k6\.io\/k6\/v2 v(\d\S*)/g)).toEqual(
    tagsOf('grafana/k6'),
  );
});

test('nodes listen at one port, where the balancer, probes and services look for them', () => {
  const ports = found(
    all,
    /(?:feedbench-node-\d:|--port, '|EXPOSE |"--port", "|name: http\n\s+(?:containerPort|port): )(\d+)/g,
  );
  expect(ports).toEqual(['3001']);
  expect(found(all, /(?:publisher:|--port=|--port |1:)(3\d+)/g).toSorted()).toEqual(['3001', '3100']);
  expect(found(all, /(?:balancer:|bind 0\.0\.0\.0:|127\.0\.0\.1\/)(\d+)/g)).toEqual(['8080']);
});

test("Compose's balancer has the settings with which it is measured", async () => {
  const nodes = Array.from({ length: 3 }, (_, index) => `feedbench-node-${index + 1}:3001`);
  const place = { listen: '0.0.0.0:8080', nodes, folder: '/tmp', workers: 1, clients: 20_000, connections: 40_000 };
  expect(read('haproxy.cfg')).toBe(await settingsFor('haproxy', 'tuned', place));
  expect(read('compose.yaml')).toContain(`replicas: ${nodes.length}`);
});

test('every script that is named is there, and goes into the image', () => {
  const scripts = found(all, /\/(load\/k6\/scripts\/[\w-]+\.ts)/g);
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) expect([script, existsSync(join(ROOT, script))]).toEqual([script, true]);
  const copied = found(read('Dockerfile'), /^COPY ([\w/.]+) /gm);
  expect(copied).toEqual(
    expect.arrayContaining(['cli', 'load', 'reports', 'scenarios', 'servers', 'deploy/generate.sh']),
  );
  for (const path of copied) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
});

/** The options that a verb is given anywhere in the files, and those that it has. */
function optionsOf(name: string, add: (program: Command) => void): { given: string[]; known: string[] } {
  const program = new Command();
  add(program);
  const known = program.commands[0]?.options.map(({ long }) => long ?? '') ?? [];
  // From the verb's name to where its words end: a list's, a line's that is not continued, or a pipe.
  const words = String.raw`(?:[^\n\]>]|\\\n|\n\s+- )*`;
  const calls = found(all, new RegExp(String.raw`(?:\[|fb |- |cli\.ts" |feedbench |")${name}\b(${words})`, 'g'));
  const given = found(calls.join('\n'), /(--[a-z][\w-]*)/g);
  return { given, known };
}

test.each([
  ['serve', addServe],
  ['publish', addPublish],
  ['merge', addMerge],
])('%s has every option that it is given', (name, add) => {
  const { given, known } = optionsOf(name, add);
  expect(given.length).toBeGreaterThan(0);
  expect(known).toEqual(expect.arrayContaining(given));
});

test('the pods are given what the scripts and the publisher know, and the same of it', () => {
  const settings = readFileSync(join(ROOT, 'load/k6/inside/settings.ts'), 'utf8');
  const known = [...found(settings, /__ENV\['(\w+)'\]/g), ...found(settings, /(?:readCount|readDuration)\('(\w+)'/g)];
  expect(known).toEqual(expect.arrayContaining(found(all, /-e (\w+)=/g)));
  expect(found(read('kubernetes/run/testrun.yaml'), /CLIENTS=(\d+)/g)).toEqual(
    found(read('kubernetes/run/publisher.yaml'), /--clients=(\d+)/g),
  );
  const generator = read('generate.sh');
  const given = found(read('compose.yaml').split('\n  generator:')[1] ?? '', /^ {6}([A-Z]+):/gm);
  expect(given.length).toBeGreaterThan(8);
  for (const name of given) expect(`${generator}REDIS_URL`).toContain(name);
});

test('nodes serve the feed that is played', () => {
  const feeds = found(all, /(?:--feed, |--feed=|"--feed", "|FEED: |FEED:-)(\w+)/g);
  expect(feeds).toEqual(['cluster']);
  const nodes = [...found(all, /replicas: (3)/g), ...found(all, /--nodes=(\d)/g), ...found(all, /NODES: '(\d)'/g)];
  expect(new Set(nodes)).toEqual(new Set(['3']));
});
