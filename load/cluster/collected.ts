import { Failure } from '../../scenarios/failures.ts';
import type { ClockReading, HostLine } from '../k6/lines.ts';
import type { Published } from './published.ts';
import { type Ending, readTold } from './told-file.ts';

type Joined = Extract<HostLine, { kind: 'joined' }>;

/** The output of one k6, as far as it says what it is. */
export interface Output {
  readonly path: string;
  readonly joined: Joined;
  /** The clock once more; undefined where nobody came so far. */
  readonly clockAfter: ClockReading | undefined;
  /** Whether k6 came to its end, and the output with it. */
  readonly hasParted: boolean;
  readonly ending: Ending;
  /** Of whom it tells. */
  readonly clients: ReadonlySet<number>;
}

/** The outputs of one run on several hosts, and in words what of it is missing. */
export interface Collected {
  readonly published: Published;
  /** In the order of their numbers. */
  readonly outputs: readonly Output[];
  readonly gaps: readonly string[];
}

/** What stands in a file, before it is known what it belongs to. */
interface Scan {
  readonly path: string;
  readonly ending: Ending;
  readonly published: readonly Published[];
  readonly joined: readonly Joined[];
  readonly clocks: readonly ClockReading[];
  readonly hasParted: boolean;
  readonly clients: ReadonlySet<number>;
  /** Whether clients are told of before it is said whose they are. */
  readonly isBeheaded: boolean;
}

/** Reads who is who. Rejects with `unreadable` or `unmergeable` where the files are not of one run, each once. */
export async function collect(paths: readonly string[]): Promise<Collected> {
  const scans: Scan[] = [];
  for (const path of paths) scans.push(await scan(path));
  const published = onlyPublished(scans);
  const outputs = scans
    .filter(({ joined, clients, hasParted }) => joined.length > 0 || clients.size > 0 || hasParted)
    .map((one) => outputOf(one, published))
    .toSorted((a, b) => a.joined.instance - b.joined.instance);
  refuseTwins(outputs);
  return { published, outputs, gaps: gapsOf(published, outputs) };
}

async function scan(path: string): Promise<Scan> {
  const found = {
    published: [] as Published[],
    joined: [] as Joined[],
    clocks: [] as ClockReading[],
    hasParted: false,
    clients: new Set<number>(),
    isBeheaded: false,
  };
  const ending = await readTold(path, (line) => {
    if (line.kind === 'published') found.published.push(line);
    else if (line.kind === 'joined') found.joined.push(line);
    else if (line.kind === 'clock') found.clocks.push(line.clock);
    else if (line.kind === 'parted') found.hasParted = true;
    else {
      found.isBeheaded ||= found.joined.length === 0;
      found.clients.add(line.client);
    }
  });
  const isEmpty = found.published.length + found.joined.length + found.clients.size === 0 && !found.hasParted;
  if (isEmpty)
    throw new Failure(
      'unreadable',
      `${path} has no whole line of a script or a publisher of feedbench: name what k6 run or feedbench publish printed, or leave it out, and it is named as missing`,
    );
  return { path, ending, ...found };
}

function onlyPublished(scans: readonly Scan[]): Published {
  const all = scans.flatMap(({ path, published }) => published.map((line) => ({ path, line })));
  const [first, second] = all;
  if (first === undefined)
    throw unmergeable('none of the files is what the publisher printed, which says what was played: name it too');
  if (second !== undefined)
    throw unmergeable(`${first.path} and ${second.path} are of two publishers: name the files of one run`);
  return first.line;
}

function outputOf(
  { path, joined, clocks, hasParted, ending, clients, isBeheaded }: Scan,
  published: Published,
): Output {
  const [own, other] = joined;
  if (own === undefined || isBeheaded)
    throw unmergeable(
      `${path} begins in the middle: a log that was rotated has lost its first lines; follow it from the start (kubectl logs -f), or write it to a file`,
    );
  if (other !== undefined)
    throw unmergeable(
      `${path} has the output of two k6 (${own.instance} and ${other.instance}): give each its own file`,
    );
  if (own.feed !== published.feed)
    throw unmergeable(`${path} is of another feed than the publisher's, from another run: name the files of one run`);
  if (own.scheduleHash !== published.plannedHash)
    throw unmergeable(`${path} says another schedule hash than the publisher: one of them was changed`);
  if (own.transport !== published.variant.transport)
    throw unmergeable(`${path} is of ${own.transport}, and the others of ${published.variant.transport}`);
  return { path, joined: own, clockAfter: clocks[0], hasParted, ending, clients };
}

function refuseTwins(outputs: readonly Output[]): void {
  const owners = new Map<number, Output>();
  for (const output of outputs) {
    const twin = outputs.find(({ joined }) => joined.instance === output.joined.instance);
    if (twin !== undefined && twin !== output)
      throw unmergeable(
        `${twin.path} and ${output.path} are of the same k6 (${output.joined.instance}): name each once`,
      );
    for (const client of output.clients) {
      const owner = owners.get(client);
      if (owner !== undefined)
        throw unmergeable(
          `client ${client} is in ${owner.path} and in ${output.path}: give each k6 its own part by --execution-segment`,
        );
      owners.set(client, output);
    }
  }
}

function gapsOf({ instances }: Published, outputs: readonly Output[]): string[] {
  const missing = instances.filter(({ instance }) => !outputs.some(({ joined }) => joined.instance === instance));
  return [
    ...missing.map(({ instance, clients }) => `k6 ${instance} with ${clients} clients is in none of the files`),
    ...outputs.flatMap(gapOf),
  ];
}

/** Clients of which it says nothing cannot be audited; of the others, what it does not say counts as lost. */
function gapOf({ path, joined, hasParted, ending, clients }: Output): string[] {
  const silent = joined.clients - clients.size;
  return [
    ...(ending === 'cut' ? [`${path} (k6 ${joined.instance}) is cut in its last line`] : []),
    ...(!hasParted
      ? [`${path} (k6 ${joined.instance}) ends before k6 did: it was killed, or the file was taken too early`]
      : []),
    ...(silent > 0
      ? [`${path} (k6 ${joined.instance}) says nothing of ${silent} of its ${joined.clients} clients`]
      : []),
  ];
}

function unmergeable(what: string): Failure {
  return new Failure('unmergeable', what);
}
