import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { faultsOfCompose, faultsOfManifests } from './manifests.ts';

function read(path: string): string {
  return readFileSync(join(import.meta.dirname, path), 'utf8');
}

const manifests = readdirSync(join(import.meta.dirname, 'kubernetes'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => join('kubernetes', path));

async function faultsOf(path: string, yaml: string): Promise<string[]> {
  return path === 'compose.yaml' ? faultsOfCompose(yaml) : faultsOfManifests(yaml);
}

test.each(['compose.yaml', ...manifests])('%s is what its reader takes', async (path) => {
  expect(await faultsOf(path, read(path))).toEqual([]);
});

test('a kustomization lists all that lies beside it', () => {
  const kustomizations = manifests.filter((path) => path.endsWith('kustomization.yaml'));
  expect(kustomizations).toHaveLength(2);
  for (const path of kustomizations) {
    const { resources } = parse(read(path)) as { resources: string[] };
    const beside = manifests.filter((each) => dirname(each) === dirname(path) && each !== path);
    expect(resources.map((resource) => join(dirname(path), resource)).toSorted()).toEqual(beside.toSorted());
  }
});

test.each([
  { path: 'compose.yaml', fault: 'heathcheck', right: 'healthcheck:', wrong: 'heathcheck:' },
  { path: 'compose.yaml', fault: 'duration', right: 'interval: 1s', wrong: 'interval: 1 second' },
  { path: 'compose.yaml', fault: 'replicas', right: 'replicas: 3', wrong: 'replicas: three' },
  { path: 'compose.yaml', fault: 'unique', right: '  node:\n', wrong: '  redis:\n' },
  { path: 'compose.yaml', fault: '/name', right: 'name: feedbench', wrong: 'name: Feed bench' },
  { path: 'kubernetes/namespace.yaml', fault: '/kind', right: 'kind: Namespace', wrong: 'kind: 7' },
  { path: 'kubernetes/node.yaml', fault: '/spec/replicas', right: 'replicas: 3', wrong: 'replicas: "3"' },
  {
    path: 'kubernetes/node.yaml',
    fault: '/readynessProbe is unknown',
    right: 'readinessProbe:',
    wrong: 'readynessProbe:',
  },
  {
    path: 'kubernetes/node.yaml',
    fault: 'selector',
    right: '  selector:\n    matchLabels: { app: node }\n',
    wrong: '',
  },
  {
    path: 'kubernetes/redis.yaml',
    fault: 'containerPort',
    right: 'containerPort: 6379',
    wrong: 'containerPort: redis',
  },
  { path: 'kubernetes/ingress.yaml', fault: 'pathType', right: 'pathType: Prefix', wrong: 'pathTyp: Prefix' },
  {
    path: 'kubernetes/ingress.yaml',
    fault: 'annotations',
    right: 'proxy-read-timeout: "75"',
    wrong: 'proxy-read-timeout: 75',
  },
  { path: 'kubernetes/kustomization.yaml', fault: 'newTag', right: 'newTag: 0.1.0', wrong: 'tag: 0.1.0' },
  {
    path: 'kubernetes/run/kustomization.yaml',
    fault: 'namespaces',
    right: 'namespace: feedbench',
    wrong: 'namespaces: feedbench',
  },
  {
    path: 'kubernetes/run/publisher.yaml',
    fault: '/spec/backOffLimit is unknown',
    right: 'backoffLimit: 0',
    wrong: 'backOffLimit: 0',
  },
  {
    path: 'kubernetes/run/testrun.yaml',
    fault: '/spec/parallelism',
    right: 'parallelism: 4',
    wrong: 'parallelism: "4"',
  },
  { path: 'kubernetes/run/testrun.yaml', fault: 'separated', right: 'separate: true', wrong: 'separated: true' },
  {
    path: 'kubernetes/run/testrun.yaml',
    fault: '/limit is unknown',
    right: 'limits: { memory: 1Gi }',
    wrong: 'limit: { memory: 1Gi }',
  },
])('in $path it is found: $fault', async ({ path, fault, right, wrong }) => {
  const broken = read(path).replace(right, () => wrong);
  expect(broken).not.toBe(read(path));
  expect((await faultsOf(path, broken)).join('\n')).toContain(fault);
});

test('a kind that Kubernetes does not have in that version is none', async () => {
  const old = read('kubernetes/ingress.yaml').replaceAll('networking.k8s.io/v1', 'extensions/v1');
  await expect(faultsOfManifests(old)).rejects.toThrow('IoK8sApiExtensionsV1Ingress');
});
