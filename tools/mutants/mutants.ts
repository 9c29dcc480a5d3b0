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
import { printText } from '../../cli/terminal.ts';

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

/** Those of the files in an order that the seed decides, so that the first of them are a fair sample of all. */
function select(mutants: readonly Mutant[], { files, sample, seed }: Selection): Mutant[] {
  const asked = mutants.filter(({ path }) => files.length === 0 || files.some((part) => path.includes(part)));
  const random = seededRandom(seed);
  const drawn = asked.map((mutant) => ({ mutant, ticket: random() })).toSorted((a, b) => a.ticket - b.ticket);
  return drawn.slice(0, sample).map(({ mutant }) => mutant);
}

/** Several hands take from one list, each the next when it is done, until they are told to stop. */
async function share<T, Hand>(
  items: readonly T[],
  { hands, stop }: { hands: readonly Hand[]; stop: AbortSignal },
  work: (item: T, hand: Hand) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  await Promise.all(
    hands.map(async (hand) => {
      for (const item of rest) {
        if (stop.aborted) return;
        await work(item, hand);
      }
    }),
  );
}

interface Crew {
  readonly hands: readonly TestHost[];
  readonly stop: AbortSignal;
}

/** How long each test takes without a mutant; one that is slow or fails then is told of and used no further. */
async function measure(tests: readonly string[], crew: Crew): Promise<Map<string, number>> {
  const durationsMs = new Map<string, number>();
  await share(tests, crew, async (test, host) => {
    const run = await host.run([test], SLOWEST_TEST_MS);
    const [durationMs] = run?.durationsMs ?? [];
    if (run?.failed === null && durationMs !== undefined) durationsMs.set(test, durationMs);
    else printText(`left out: ${test} ${run === undefined ? 'takes too long' : 'fails without a mutant'}`);
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

async function testAll(work: readonly Work[], crew: Crew, argued: Arguments): Promise<Tested[]> {
  const tested: Tested[] = [];
  await share(work, crew, async ({ mutant, tests, limitMs }, host) => {
    const outcome = await host.test(mutant, tests, limitMs);
    const argument = argued.get(nameOf(mutant));
    tested.push({ mutant, outcome, argument });
    if (outcome.state === 'survived' && argument === undefined)
      printText(`survived: ${mutant.path}:${mutant.line}\n    ${mutant.original}\n    ${mutant.changed}`);
  });
  return tested;
}

function complain(lines: readonly string[], what: string): void {
  for (const line of lines) printText(`${what}: ${line}`);
  if (lines.length > 0) process.exitCode = 1;
}

/** Aborted by the first signal; a second one ends everything. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

function tell(tested: readonly Tested[]): void {
  if (tested.length === 0) return;
  printText(scoreTable(tested));
  const noticed = tested.filter(({ outcome, argument }) => outcome.state !== 'survived' && argument !== undefined);
  complain(
    noticed.map(({ mutant }) => nameOf(mutant)),
    'argued, but a test notices it',
  );
  if (score(tested) < FEWEST_KILLED) complain([`${(100 * FEWEST_KILLED).toFixed(0)} % are to be noticed`], 'too few');
}

function distinctPaths(mutants: readonly Mutant[]): string[] {
  return [...new Set(mutants.map(({ path }) => path))];
}

async function main(): Promise<void> {
  const selection = readOptions();
  const paths = projectPaths();
  const mutants = allMutants(paths);
  const argued = parseArguments(readFileSync(ARGUMENTS, 'utf8'));
  complain(staleArguments(argued, mutants), 'argued, but no longer there');
  const chosen = select(mutants, selection);
  const graph = new ImportGraph(ROOT, paths);
  const related = new Map(distinctPaths(chosen).map((path) => [path, testsNear(graph, path)]));

  await using stack = new AsyncDisposableStack();
  const stop = stopSignal();
  const hands = await Promise.all(Array.from({ length: selection.jobs }, async () => TestHost.open(ROOT, paths)));
  for (const hand of hands) stack.use(hand);
  const durationsMs = await measure([...new Set([...related.values()].flat())], { hands, stop });
  const work = chosen.map((mutant) => workOf(mutant, related.get(mutant.path) ?? [], durationsMs));
  const likelyMs = work.reduce((sum, { likelyMs: ms }) => sum + ms, 0) / hands.length;
  const files = distinctPaths(chosen).length;
  printText(
    `${chosen.length} of ${mutants.length} mutants in ${files} files: about ${formatDuration(likelyMs * NS_PER_MS)}; Ctrl-C tells what is known by then`,
  );
  tell(await testAll(work, { hands, stop }, argued));
}

await main();
