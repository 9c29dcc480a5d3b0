import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import type { Host } from './host.ts';
import { pinned, realTime } from './placement.ts';
import { plainEnvironment } from './programs.ts';

export interface ChildOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly host: Host;
  readonly cores: readonly number[];
  /** It has to act at the moment that it is due: it goes before others on its cores, where that is permitted. */
  readonly urgent?: boolean;
  /** Called with what it prints; a program of our own talks over IPC instead. */
  readonly onOutput?: (text: string) => void;
  /** What it said last, empty where nothing, of a program that says on its output why it ends. */
  readonly lastWords?: () => string;
  /**
   * It is no program of ours, and may start others: they end with it, and all of them with this process, however that ends. What it says
   * comes on its standard output.
   */
  readonly isForeign?: true;
}

interface Kinded {
  readonly kind: string;
}

const MOST_ERROR_TEXT = 2000;

/** Where Node keeps what it has compiled of our programs: the next process of the kind starts with half the work. */
const { workshop } = INSTALLATION;
const COMPILED = workshop === undefined ? {} : { NODE_COMPILE_CACHE: join(workshop, 'compiled') };

const living = new Set<ChildProcess>();

/**
 * A program that knows nothing of our IPC channel, as the leader of a group: somebody who is not its child waits for the end of
 * the channel, and kills the group. (A signal at the parent's death would reach nginx, and not its workers.)
 */
const WATCHED_OVER = `(
  (cat <&"$NODE_CHANNEL_FD"; kill -s KILL -- "-$$") >/dev/null 2>&1 &
)
exec "$@" 2>&1`;

/** For the moment before this process ends: nothing that it started may outlive it. */
export function killAllChildren(): void {
  for (const { pid } of living) if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

/** The pinned Node runs our programs; they end with their parent because their IPC channel closes. */
export function nodeProgram(path: string, ...parameters: string[]): readonly string[] {
  return [process.execPath, '--disable-warning=ExperimentalWarning', path, ...parameters];
}

/**
 * A process of the trial: in its host's network namespace, pinned to its cores, in a session of its own (a Ctrl-C in
 * the terminal is for the coordinator alone). Ending by itself is trouble, unless it was told to.
 */
export class Child<Command, Report extends Kinded> {
  readonly name: string;
  readonly cores: readonly number[];
  readonly exited: Promise<void>;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<(report: Report) => void>();
  readonly #lastWords: (() => string) | undefined;
  #errorText = '';
  #expected = false;

  constructor(options: ChildOptions, onTrouble: (error: Error) => void) {
    this.name = options.name;
    this.cores = options.cores;
    this.#lastWords = options.lastWords;
    const [program = '', ...parameters] = [
      ...(options.urgent === true ? realTime() : []),
      ...options.host.enter,
      ...pinned(options.cores),
      ...(options.isForeign === true ? ['/bin/sh', '-c', WATCHED_OVER, 'sh'] : []),
      ...options.command,
    ];
    this.#process = spawn(program, parameters, {
      detached: true,
      env: { ...COMPILED, ...plainEnvironment() },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    living.add(this.#process);
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => options.onOutput?.(text));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errorText = (this.#errorText + text).slice(-MOST_ERROR_TEXT);
    });
    this.#process.on('message', (report: Report) => {
      for (const listener of this.#listeners) listener(report);
    });
    this.exited = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        living.delete(this.#process);
        onTrouble(new Failure('process-died', `cannot start ${this.name}: ${error.message}`, { cause: error }));
        resolve();
      });
      const ended = (code: number | null, signal: string | null): void => {
        living.delete(this.#process);
        if (!this.#expected) onTrouble(new Failure('process-died', this.#obituary(code, signal)));
        resolve();
      };
      // Not `exit`: its last words may still be unread then.
      if (options.isForeign !== true) this.#process.once('close', ended);
      else this.#process.once('exit', (code, signal) => this.#endFamily(() => ended(code, signal)));
    });
  }

  /** Whoever watches over it ends what it has left when the channel ends, and then all has been said. */
  #endFamily(ended: () => void): void {
    if (this.#process.connected) this.#process.disconnect();
    const { stdout } = this.#process;
    if (stdout === null || stdout.closed) ended();
    else stdout.once('close', ended);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  send(command: Command & object): void {
    // A child that has gone is told of by its exit; a send that fails for that reason adds nothing.
    if (this.#process.connected) this.#process.send(command, () => undefined);
  }

  onReport(listener: (report: Report) => void): void {
    this.#listeners.add(listener);
  }

  /** The next report of that kind. Never settles where the child dies first: its death is trouble, told elsewhere. */
  async next<Kind extends Report['kind']>(kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
    return new Promise((resolve) => {
      const listener = (report: Report): void => {
        if (report.kind !== kind) return;
        this.#listeners.delete(listener);
        resolve(report as Extract<Report, { kind: Kind }>);
      };
      this.#listeners.add(listener);
    });
  }

  /** From here on its exit is no trouble. */
  expectExit(): void {
    this.#expected = true;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Asks it to end, by a signal or in words of its own, and kills it if it has not after `graceMs`. */
  async stop(graceMs: number, words?: Command & object): Promise<void> {
    this.expectExit();
    if (words === undefined) this.#process.kill('SIGTERM');
    else this.send(words);
    const impatience = setTimeout(() => this.#process.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(impatience);
  }

  async kill(): Promise<void> {
    this.expectExit();
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  /** The same, with all that it has started. */
  async killAll(): Promise<void> {
    this.expectExit();
    try {
      // It leads a group of processes, that of its session. Where it did not start there is none: 0 would be our own.
      if (this.pid > 0) process.kill(-this.pid, 'SIGKILL');
    } catch {
      // None of them is there any more.
    }
    await this.exited;
  }

  #obituary(code: number | null, signal: string | null): string {
    const how = signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
    const words = this.#lastWords?.() ?? lastWords(this.#errorText) ?? '';
    const remedy = signal === 'SIGKILL' ? 'where memory ran short, try fewer clients' : 'run again';
    return `${this.name} (pid ${this.pid}) ended by itself with ${how}${words === '' ? '' : `: ${words}`}; ${remedy}`;
  }
}

/** The line of an error text that says what was wrong: not the stack, not the version that Node prints last. */
function lastWords(errorText: string): string | undefined {
  const lines = errorText.split('\n').filter((line) => /^\S/.test(line) && !line.startsWith('Node.js v'));
  return (lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1))?.trim();
}

export function startChild<Command, Report extends Kinded>(
  options: ChildOptions,
  onTrouble: (error: Error) => void,
): Child<Command, Report> {
  return new Child<Command, Report>(options, onTrouble);
}
