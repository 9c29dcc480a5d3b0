import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultsOfDockerfile } from './dockerfile.ts';

function read(path: string): string {
  return readFileSync(join(import.meta.dirname, path), 'utf8');
}

const dockerfile = read('Dockerfile');
const targets = [...read('compose.yaml').matchAll(/target: (\w+)/g)].map(([, target = '']) => target);

test('a builder takes the Dockerfile, and its images are as images should be', () => {
  expect(targets).toEqual(['node', 'generator']);
  expect(faultsOfDockerfile(dockerfile, targets)).toEqual([]);
});

test.each([
  ['line 7: Unknown instruction: WORKDIRS', 'WORKDIR', 'WORKDIRS'],
  ['FROM grafana/k6 has no tag', 'grafana/k6:2.2.0', 'grafana/k6'],
  ['FROM grafana/k6:latest has no tag', 'grafana/k6:2.2.0', 'grafana/k6:latest'],
  ['FROM node has no tag', /node:24\S+ AS node/, 'node AS node'],
  ['node: USER is no number', 'USER 1000', 'USER node'],
  ['generator: USER is no number, or root', 'USER 1000', 'USER 0'],
  ['generator: USER is no number, or root', 'USER 1000\n', ''],
  ['generator: USER is no number, or root', 'HEALTHCHECK NONE', 'USER root'],
  ['node has no HEALTHCHECK', /^HEALTHCHECK --.*\n.*\n/m, ''],
  ['HEALTHCHECK is not in exec form', /CMD \["node", "-e".*/, 'CMD node health.ts'],
  ['CMD is not in exec form', /^CMD \["serve".*/m, 'CMD serve'],
  ['ENTRYPOINT is not in exec form', /^ENTRYPOINT \["sh".*/m, 'ENTRYPOINT sh deploy/generate.sh'],
  ['ADD fetches', 'COPY cli cli', 'ADD https://example.org/cli.tar cli'],
  ['the lists of apt', 'COPY cli cli', 'RUN apt-get update && apt-get install -y curl'],
  ['no stage is called generator', ' AS generator', ' AS k6s'],
])('%s, it is told', (fault, right, wrong) => {
  const broken = dockerfile.replace(right, () => wrong);
  expect(broken).not.toBe(dockerfile);
  expect(faultsOfDockerfile(broken, targets).join('\n')).toContain(fault);
});

test('a digest pins an image too, and lists of apt that are removed are none', () => {
  const pinned = dockerfile
    .replace('grafana/k6:2.2.0', () => `grafana/k6@sha256:${'a'.repeat(64)}`)
    .replace('COPY cli cli', () => 'RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*');
  expect(faultsOfDockerfile(pinned, targets)).toEqual([]);
});
