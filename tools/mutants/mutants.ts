import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../scenarios/feed/random.ts';
import { formatDuration, NS_PER_MS } from '../../scenarios/units.ts';
import { isMutated } from './areas.ts';
import { type Arguments, nameOf, parseArguments, staleArguments } from './arguments.ts';
import { ImportGraph } from './import-graph.ts';
import { type Mutant, mutantsOf } from './mutations.ts';
import { affordable, SLOWEST_TEST_MS, testsNear } from './related-tests.ts';
import { score, scoreTable, type Tested } from './score.ts';
import { TestHost } from './test-host.ts';

/** Breaks the code in small ways, one at a time and in a copy, and tells which of them no test notices. */

const ROOT = dirname(dirname(import.meta.dirname));
const ARGUMENTS = join(import.meta.dirname, 'argued.json');
const FEWEST_KILLED = 0.85;

interface Selection {
  readonly files: readonly string[];
  readonly sample: number;
  readonly seed: number;
  readonly jobs: number;
}

function readOptions(): Selection {
  const { values } = parseArgs({
    options: {
      files: { type: 'string', default: '' },
      sample: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    },
  });
  const [sample, seed, jobs] = [Number(values.sample), Number(values.seed), Number(values.jobs)];
  if ([sample, seed, jobs].some((value) => Number.isNaN(value)))
    throw new TypeError('--sample, --seed and --jobs are numbers');
  return { files: values.files.split(',').filter((part) => part !== ''), sample, seed, jobs };
}

function projectPaths(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((path) => path !== '' && existsSync(join(ROOT, path)));
}

function allMutants(paths: readonly string[]): Mutant[] {
  return paths.filter(isMutated).flatMap((path) => mutantsOf(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** Those of the files, or a random sample of them that is the same for the same seed. */
function select(mutants: readonly Mutant[], { files, sample, seed }: Selection): Mutant[] {
  const asked = mutants.filter(({ path }) => files.length === 0 || files.some((part) => path.includes(part)));
  if (sample >= asked.length) return asked;
  const random = seededRandom(seed);
  const drawn = asked.map((mutant, index) => ({ mutant, index, ticket: random() }));
  const winners = drawn.toSorted((a, b) => a.ticket - b.ticket).slice(0, sample);
  return winners.toSorted((a, b) => a.index - b.index).map(({ mutant }) => mutant);
}

/** Takes from one list with several hands; each hand takes the next when it is done. */
async function share<T, Hand>(
  items: readonly T[],
  hands: readonly Hand[],
  work: (item: T, hand: Hand) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  await Promise.all(
    hands.map(async (hand) => {
      for (const item of rest) await work(item, hand);
    }),
  );
}

/** How long each test takes without a mutant; one that is slow or fails then is told of and used no further. */
async function measure(tests: readonly string[], hosts: readonly TestHost[]): Promise<Map<string, number>> {
  const durationsMs = new Map<string, number>();
  await share(tests, hosts, async (test, host) => {
    const run = await host.run([test], SLOWEST_TEST_MS);
    const [durationMs] = run?.durationsMs ?? [];
    if (run?.failed === null && durationMs !== undefined) durationsMs.set(test, durationMs);
    else console.log(`left out: ${test} ${run === undefined ? 'takes too long' : 'fails without a mutant'}`);
  });
  return durationsMs;
}

interface Work {
  readonly mutant: Mutant;
  readonly tests: readonly string[];
  readonly limitMs: number;
  /** How long it takes where the first test notices. */
  readonly likelyMs: number;
}

function workOf(mutant: Mutant, related: readonly string[], durationsMs: ReadonlyMap<string, number>): Work {
  const tests = affordable(related, durationsMs);
  const eachMs = tests.map((test) => durationsMs.get(test) ?? 0);
  const totalMs = eachMs.reduce((sum, ms) => sum + ms, 0);
  return { mutant, tests, limitMs: 3 * totalMs + 3000, likelyMs: 0.8 * (eachMs[0] ?? 0) + 0.2 * totalMs };
}

async function testAll(work: readonly Work[], hosts: readonly TestHost[], argued: Arguments): Promise<Tested[]> {
  const tested: Tested[] = [];
  await share(work, hosts, async ({ mutant, tests, limitMs }, host) => {
    const outcome = await host.test(mutant, tests, limitMs);
    const argument = argued.get(nameOf(mutant));
    tested.push({ mutant, outcome, argument });
    if (outcome.state === 'survived' && argument === undefined)
      console.log(`survived: ${mutant.path}:${mutant.line}\n    ${mutant.original}\n    ${mutant.changed}`);
  });
  return tested;
}

function complain(lines: readonly string[], what: string): void {
  for (const line of lines) console.log(`${what}: ${line}`);
  if (lines.length > 0) process.exitCode = 1;
}

async function main(): Promise<void> {
  const selection = readOptions();
  const paths = projectPaths();
  const mutants = allMutants(paths);
  const argued = parseArguments(readFileSync(ARGUMENTS, 'utf8'));
  complain(staleArguments(argued, mutants), 'argued, but no longer there');
  const chosen = select(mutants, selection);
  const graph = new ImportGraph(ROOT, paths);
  const related = new Map([...new Set(chosen.map(({ path }) => path))].map((path) => [path, testsNear(graph, path)]));

  await using stack = new AsyncDisposableStack();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stack.disposeAsync().then(() => process.exit(130)));
  }
  const hosts: TestHost[] = [];
  for (let job = 0; job < selection.jobs; job++) hosts.push(stack.use(await TestHost.open(ROOT, paths)));
  const durationsMs = await measure([...new Set([...related.values()].flat())], hosts);
  const work = chosen.map((mutant) => workOf(mutant, related.get(mutant.path) ?? [], durationsMs));
  const likelyMs = work.reduce((sum, { likelyMs: ms }) => sum + ms, 0) / hosts.length;
  console.log(
    `${chosen.length} of ${mutants.length} mutants in ${related.size} files: about ${formatDuration(likelyMs * NS_PER_MS)}`,
  );

  const tested = await testAll(work, hosts, argued);
  console.log(scoreTable(tested));
  const noticed = tested.filter(({ outcome, argument }) => outcome.state !== 'survived' && argument !== undefined);
  complain(
    noticed.map(({ mutant }) => nameOf(mutant)),
    'argued, but a test notices it',
  );
  if (score(tested) < FEWEST_KILLED) complain([`${(100 * FEWEST_KILLED).toFixed(0)} % are to be noticed`], 'too few');
}

await main();
