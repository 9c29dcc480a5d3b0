import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monotonicNs } from '../../scenarios/clock.ts';
import { Failure } from '../../scenarios/failures.ts';
import { Recorder } from '../../scenarios/measures/recording.ts';
import { endInWords } from '../../scenarios/session-end.ts';
import { NS_PER_MS } from '../../scenarios/units.ts';
import { type BinClock, startBinClock } from '../machine/bin-clock.ts';
import { type Child, startChild } from '../machine/child.ts';
import { openScratch } from '../machine/scratch.ts';
import type {
  GeneratorContext,
  GeneratorReport,
  GeneratorRun,
  OpenGenerator,
  Target,
  WindowTiming,
} from '../generator.ts';
import { LineReader } from './line-reader.ts';
import { messagesToKeep } from './keeping.ts';
import { MOST_SILENCE_MS, type Plan, TELL_EVERY_MS } from './lines.ts';
import { plannedTargets } from './planned-targets.ts';
import { findK6 } from './program.ts';
import { scriptFor } from './scripts.ts';
import { ToldClients } from './told-clients.ts';
import { measureWallOffsetMs } from './wall-clock.ts';

/** Connecting, draining and then some, besides what the grid of polls takes: after that k6 ends by itself. */
const MARGIN_MS = 180_000;
/** The wall clock that was set during a trial makes its times void; less than this is the error of measuring it. */
const MOST_CLOCK_STEP_MS = 0.5;

/**
 * k6 as the generator: its scripts tell line by line what their subscribers see, and the audit and the histograms are
 * made here, with the code that every generator uses.
 */
export const openGenerator: OpenGenerator = async (context) => {
  const script = scriptFor(context.transport);
  if (script === undefined) throw new TypeError(`k6 has no script for ${context.transport}`);
  const targets = await context.targets;
  const launch = {
    program: await findK6(),
    script,
    processes: Math.min(context.processes, context.clients),
    targets,
    trusted: await trustFile(targets, context.cleanup),
    wallOffsetMs: measureWallOffsetMs(),
  };
  const processes = Array.from({ length: launch.processes }, (_, index) => new K6Process(context, launch, index));
  context.cleanup.defer(async () => {
    await Promise.all(processes.map(async ({ child }) => child.kill()));
  });
  return new K6Run(context, processes, launch.wallOffsetMs);
};

interface Launch {
  readonly program: string;
  /** Its path. */
  readonly script: string;
  readonly processes: number;
  readonly targets: readonly Target[];
  /** A file with who vouches for them over TLS; undefined without. */
  readonly trusted: string | undefined;
  readonly wallOffsetMs: number;
}

class K6Run implements GeneratorRun {
  readonly #context: GeneratorContext;
  readonly #processes: readonly K6Process[];
  readonly #wallOffsetMs: number;

  constructor(context: GeneratorContext, processes: readonly K6Process[], wallOffsetMs: number) {
    this.#context = context;
    this.#processes = processes;
    this.#wallOffsetMs = wallOffsetMs;
  }

  get processes(): readonly Child<Go, never>[] {
    return this.#processes.map(({ child }) => child);
  }

  async ramp(): Promise<void> {
    await Promise.all(this.#processes.map(async (process) => process.ramp()));
  }

  /** What the processes tell is held against the schedule here. */
  async record(timing: WindowTiming): Promise<void> {
    for (const process of this.#processes) process.record(timing);
  }

  async finish(latest: number, deadlineNs: number): Promise<readonly GeneratorReport[]> {
    const reports = await Promise.all(this.#processes.map(async (process) => process.finish(latest, deadlineNs)));
    const stepMs = measureWallOffsetMs() - this.#wallOffsetMs;
    if (Math.abs(stepMs) > MOST_CLOCK_STEP_MS) {
      this.#context.onTrouble(
        new Failure(
          'trial-stalled',
          `the wall clock was set by ${stepMs.toFixed(1)} ms meanwhile, and k6 has no other: keep it from being set, and run again`,
        ),
      );
    }
    return reports;
  }
}

interface Go {
  readonly kind: 'go';
}

/** Waits for a line on its IPC channel, and becomes k6: the process is there from the start, and nothing connects yet. */
const WAIT_THEN_RUN = 'read -r go <&"$NODE_CHANNEL_FD" && exec "$@"';

const K6_OPTIONS = [
  '--quiet',
  '--no-color',
  '--no-usage-report',
  // Nobody reads them, and they would cost a tenth of the CPU.
  '--no-thresholds',
  '--summary-mode=disabled',
  // Without a frame of time and level around it.
  '--log-output=stdout',
  '--log-format=raw',
] as const;

class K6Process {
  readonly child: Child<Go, never>;
  readonly #clients: ToldClients;
  readonly #reader: LineReader;
  readonly #waits = new Set<() => void>();
  #recorder: Recorder | undefined;
  #binClock: BinClock | undefined;

  constructor(context: GeneratorContext, launch: Launch, index: number) {
    const { wallOffsetMs } = launch;
    this.#clients = new ToldClients(clientsOf(context, launch, index), { wallOffsetMs, feed: context.feed }, () => {
      for (const check of this.#waits) check();
    });
    this.#reader = new LineReader((line) => this.#clients.take(line));
    const core = context.cores[index % Math.max(1, context.cores.length)];
    this.child = startChild<Go, never>(
      {
        name: launch.processes === 1 ? 'k6' : `k6 ${index + 1}`,
        command: commandLine(launch, planFor(context, launch, index)),
        host: context.host,
        cores: core === undefined ? [] : [core],
        onOutput: (text) => this.#read(text, context.onTrouble),
        lastWords: () => this.#reader.lastWords,
      },
      context.onTrouble,
    );
  }

  /** What comes from the child comes to nobody who would hear of an error. */
  #read(text: string, onTrouble: GeneratorContext['onTrouble']): void {
    try {
      this.#reader.read(text);
    } catch (error) {
      onTrouble(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async ramp(): Promise<void> {
    this.child.send({ kind: 'go' });
    await this.#until(() => this.#clients.allOpen || this.#clients.ends.length > 0);
    const [first] = this.#clients.ends;
    if (first !== undefined) {
      throw new Failure(
        'ramp-failed',
        `the clients could not all connect: ${endInWords(first.end)}; try fewer clients or more nodes`,
      );
    }
  }

  record({ bins }: WindowTiming): void {
    const recorder = new Recorder(bins);
    this.#recorder = recorder;
    this.#clients.record(recorder, bins.originNs);
    this.#binClock = startBinClock(bins, (edge) => {
      if (edge > 0) recorder.level('connections', this.#clients.open, bins.originNs + edge * bins.binNs - 1);
    });
  }

  async finish(latest: number, deadlineNs: number): Promise<GeneratorReport> {
    // What was seen by the deadline may be told a little later.
    const patienceMs = (deadlineNs - monotonicNs()) / NS_PER_MS + MOST_SILENCE_MS + TELL_EVERY_MS;
    await Promise.race([this.#until(() => this.#clients.allHave(latest)), after(patienceMs)]);
    this.#binClock?.stop();
    this.child.expectExit();
    return {
      recording: this.#recorder?.snapshot() ?? [],
      audit: this.#clients.audit(latest),
      eventLoop: null,
      ends: this.#clients.ends,
      absences: [],
      foreign: this.#clients.foreign,
    };
  }

  async #until(isSo: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!isSo()) return;
        this.#waits.delete(check);
        resolve();
      };
      this.#waits.add(check);
      check();
    });
  }
}

async function after(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, Math.max(0, ms)).unref();
  });
}

/** An empty environment: no proxy, and no option of k6's that users have set for tests of their own. */
function commandLine({ program, script, trusted }: Launch, plan: Plan): readonly string[] {
  const run = [program, 'run', ...K6_OPTIONS, '-e', `PLAN=${JSON.stringify(plan)}`, script];
  return ['/bin/sh', '-c', WAIT_THEN_RUN, 'sh', 'env', '-i', ...trustWords(trusted), ...run];
}

/** Go trusts what stands in a file of that name, and nobody else; a certificate is no secret. */
function trustWords(trusted: string | undefined): readonly string[] {
  return trusted === undefined ? [] : [`SSL_CERT_FILE=${trusted}`];
}

async function trustFile(targets: readonly Target[], cleanup: AsyncDisposableStack): Promise<string | undefined> {
  const authority = targets[0]?.authority;
  if (authority === undefined) return undefined;
  const path = join(await openScratch(cleanup), 'authority.pem');
  await writeFile(path, authority);
  return path;
}

/** Client i lives in process i mod processes. */
function clientsOf({ clients }: GeneratorContext, { processes }: Launch, index: number): number[] {
  return Array.from({ length: clients }, (_, client) => client).filter((client) => client % processes === index);
}

/** Client i goes to node i mod nodes, and polls at phase i/clients of the interval. */
function planFor(context: GeneratorContext, { processes, targets, wallOffsetMs }: Launch, index: number): Plan {
  const { poll, feed, clients } = context;
  return {
    targets: plannedTargets(
      { ...context, isSecure: targets[0]?.authority !== undefined },
      targets.map(({ host, port }) => `${host}:${port}`),
    ),
    clients,
    first: index,
    step: processes,
    pollOriginMs: poll.originNs / NS_PER_MS + wallOffsetMs,
    pollIntervalMs: poll.intervalNs / NS_PER_MS,
    tellEvery: messagesToKeep(feed),
    // An interval at most until the feed begins, and one until the last client has polled.
    mostMs: (feed.durationNs + 2 * poll.intervalNs) / NS_PER_MS + MARGIN_MS,
  };
}
