import { basename, dirname, join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { Failure, FAILURES } from '../scenarios/failures.ts';
import { NS_PER_SECOND } from '../scenarios/units.ts';
import { BACKPLANES, HEADER_PROFILE_IDS, TRANSPORT_IDS, TRANSPORTS } from '../servers/registry.ts';
import { GENERATORS } from '../load/registry.ts';
import { CEILING_FILE, readCeiling, writeCeiling } from '../reports/ceiling/write-ceiling.ts';
import { readResult } from '../reports/read-result.ts';
import { writeReports } from '../reports/write-reports.ts';
import { ceiling, type CeilingOptions } from './ceiling.ts';
import { exitCodeText, listText } from './list.ts';
import { parseCount, parseCounts, parseId, parseIds, parseTime, plainRows } from './options.ts';
import { run, type RunChoices } from './run.ts';
import { complain, print } from './terminal.ts';
import { serve, type ServeChoices } from './serve.ts';

const DEFAULT_OUT = join(dirname(import.meta.dirname), 'reports', 'out');
const MOST_CLIENTS = 1_000_000;

type Exit = (code: number) => void;

function program(exit: Exit): Command {
  const command = new Command('feedbench')
    .description('What HTTP polling, long-polling and WebSocket cost for one feed, and how fresh it arrives.')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text) =>
        complain(
          text
            .trim()
            .replace(/^error: /, '')
            .replaceAll('\n', ' '),
        ),
    })
    .addHelpText('after', `\n${exitCodeText()}`);
  addRun(command, exit);
  command
    .command('list')
    .description('list scenarios, transports and the rest of the vocabulary')
    .action(() => print(listText()));
  addCeiling(command, exit);
  addReport(command);
  addServe(command, exit);
  return command;
}

function addRun(command: Command, exit: Exit): void {
  command
    .command('run')
    .description('measure transports under a workload, and write a report')
    .argument('[scenario...]', 'scenarios by name, or workload files ending in .json; all of them by default')
    .addOption(new Option('--transport <ids>', 'transports, with commas between').argParser(parseIds(TRANSPORTS)))
    .addOption(new Option('--backplane <ids>', 'backplanes, with commas between').argParser(parseIds(BACKPLANES)))
    .addOption(new Option('--generator <ids>', 'load generators, with commas between').argParser(parseIds(GENERATORS)))
    .addOption(
      new Option('--nodes <count>', 'server nodes behind a backplane that is shared').argParser(parseCount(1, 1000)),
    )
    .addOption(
      new Option('--clients <count>', "clients, instead of the scenario's").argParser(parseCount(1, MOST_CLIENTS)),
    )
    .addOption(new Option('--duration <time>', 'measured window of a trial, such as 10s').argParser(parseTime))
    .addOption(new Option('--poll <time>', 'poll interval, such as 3s').argParser(parseTime))
    .addOption(
      new Option('--warm-up <time>', 'feed before the window').argParser(parseTime).default(3 * NS_PER_SECOND, '3s'),
    )
    .addOption(
      new Option('--seed <number>', 'seed of arrivals and payloads').argParser(parseCount(0, 2 ** 32 - 1)).default(1),
    )
    .addOption(
      new Option('--headers <profile>', 'what clients send with a request')
        .argParser(parseId(plainRows(HEADER_PROFILE_IDS)))
        .default('browser'),
    )
    .option('--out <folder>', 'where results and reports go', DEFAULT_OUT)
    .addHelpText(
      'after',
      '\nExample:\n  feedbench run ticker --transport ws,polling --clients 500 --duration 10s --poll 3s',
    )
    .action(async (scenarios: string[], options: RunOptions) => exit(await run(runChoices(scenarios, options))));
}

interface RunOptions {
  readonly transport?: RunChoices['transports'];
  readonly backplane?: NonNullable<RunChoices['backplanes']>;
  readonly generator?: RunChoices['generators'];
  readonly nodes?: number;
  readonly clients?: number;
  readonly duration?: number;
  readonly poll?: number;
  readonly warmUp: number;
  readonly seed: number;
  readonly headers: RunChoices['headers'];
  readonly out: string;
}

function runChoices(scenarios: readonly string[], options: RunOptions): RunChoices {
  return {
    scenarios,
    transports: options.transport ?? TRANSPORT_IDS,
    backplanes: options.backplane,
    generators: options.generator ?? ['native'],
    nodes: options.nodes,
    clients: options.clients,
    durationNs: options.duration,
    pollIntervalNs: options.poll,
    warmUpNs: options.warmUp,
    seed: options.seed,
    headers: options.headers,
    out: options.out,
    command: commandText(),
  };
}

function addCeiling(command: Command, exit: Exit): void {
  command
    .command('ceiling')
    .description('measure how many polls a second a door can answer, by a closed loop')
    .addOption(
      new Option('--generator <ids>', 'who asks, with commas between')
        .argParser(parseIds(GENERATORS))
        .default(['autocannon', 'native'], 'autocannon,native'),
    )
    .addOption(new Option('--backplane <ids>', 'backplanes, with commas between').argParser(parseIds(BACKPLANES)))
    .addOption(
      new Option('--nodes <count>', 'server nodes behind a backplane that is shared').argParser(parseCount(1, 64)),
    )
    .addOption(
      new Option('--connections <counts>', 'the sweep, with commas between')
        .argParser(parseCounts(1, MOST_CLIENTS))
        .default([1, 10, 50, 200], '1,10,50,200'),
    )
    .addOption(
      new Option('--duration <time>', 'measured window of a point')
        .argParser(parseTime)
        .default(2 * NS_PER_SECOND, '2s'),
    )
    .addOption(
      new Option('--headers <profile>', 'what clients send with a request')
        .argParser(parseId(plainRows(HEADER_PROFILE_IDS)))
        .default('browser'),
    )
    .option('--out <folder>', 'where results and reports go', DEFAULT_OUT)
    .addHelpText('after', '\nExample:\n  feedbench ceiling --connections 1,100 --backplane memory')
    .action(async (options: CeilingCommandOptions) =>
      exit(
        await ceiling({
          generators: options.generator,
          backplanes: options.backplane,
          nodes: options.nodes,
          connections: options.connections,
          windowNs: options.duration,
          headers: options.headers,
          out: options.out,
          command: commandText(),
        }),
      ),
    );
}

interface CeilingCommandOptions {
  readonly generator: CeilingOptions['generators'];
  readonly backplane?: NonNullable<CeilingOptions['backplanes']>;
  readonly nodes?: number;
  readonly connections: readonly number[];
  readonly duration: number;
  readonly headers: CeilingOptions['headers'];
  readonly out: string;
}

/** The words that would make this run again. */
function commandText(): string {
  return ['feedbench', ...process.argv.slice(2)].join(' ');
}

function addReport(command: Command): void {
  command
    .command('report')
    .description('rebuild the reports beside a result, without running anything')
    .argument('<result.json...>', 'results to report on')
    .addHelpText('after', '\nExample:\n  feedbench report reports/out/latest/result.json')
    .action((paths: string[]) => {
      for (const path of paths) print(rebuildReport(path));
    });
}

/** What a file is, its name says. */
function rebuildReport(path: string): string {
  return basename(path) === CEILING_FILE
    ? writeCeiling(dirname(path), readCeiling(path))
    : writeReports(dirname(path), readResult(path));
}

function addServe(command: Command, exit: Exit): void {
  command
    .command('serve')
    .description('serve a feed, to look at it by hand')
    .addOption(new Option('--transport <id>', 'transport').argParser(parseId(TRANSPORTS)).default('websocket'))
    .addOption(new Option('--backplane <id>', 'backplane').argParser(parseId(BACKPLANES)).default('memory'))
    .addOption(
      new Option('--nodes <count>', 'how many nodes, on ports one after the other')
        .argParser(parseCount(1, 64))
        .default(1),
    )
    .addOption(
      new Option('--port <number>', 'port of the first node; 0 takes a free one')
        .argParser(parseCount(0, 65_535))
        .default(3001),
    )
    .option('--host <address>', 'address to listen on; only this machine can reach the default', '127.0.0.1')
    .option('--scenario <name>', 'whose feed to serve', 'ticker')
    .addHelpText('after', '\nExample:\n  feedbench serve --transport ws --backplane redis --port 3001')
    .action(async (choices: ServeChoices) => exit(await serve(choices)));
}

/** One line for what the world did wrong; a stack only for what we did. */
function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : FAILURES.usage.exitCode;
  if (!(error instanceof Failure)) throw error;
  complain(error.message);
  return error.exitCode;
}

try {
  await program((code) => (process.exitCode = code)).parseAsync();
} catch (error) {
  process.exitCode = exitCodeFor(error);
}
