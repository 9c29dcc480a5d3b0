import { fileURLToPath } from 'node:url';
import { Failure } from '../../../scenarios/failures.ts';
import { nodeProgram, startChild } from '../../machine/child.ts';
import { Guard } from '../../machine/guard.ts';
import { loopbackNetwork } from '../../machine/network.ts';
import type { ForeignServer } from '../../generator.ts';
import type { ClockReading } from '../server-clock.ts';
import type { AdapterAnswer, AdapterCommand, AdapterFacts, AdapterReport } from './adapter-job.ts';

const PROGRAM = fileURLToPath(new URL('adapter-process.ts', import.meta.url));
/** Whatever an adapter computes takes no such time; all that it waits for is bounded where it runs. */
const SILENT_MS = 10_000;

/** What an adapter says of itself. Throws `adapter`. */
export async function describeAdapter(path: string, silentMs = SILENT_MS): Promise<AdapterFacts> {
  const answer = await ask({ path, job: { kind: 'describe' } }, silentMs);
  return expected(answer, 'described').facts;
}

/** Has one message go all the way. Throws `adapter`, `target-unreachable` or `target-refused`. */
export async function rehearseApart(server: ForeignServer, silentMs = SILENT_MS): Promise<void> {
  expected(await ask({ path: server.adapter, job: { kind: 'rehearse', server } }, silentMs), 'rehearsed');
}

/** Throws `adapter`. */
export async function readClockApart(server: ForeignServer): Promise<ClockReading> {
  const answer = await ask({ path: server.adapter, job: { kind: 'read-clock', server } }, SILENT_MS);
  return expected(answer, 'clock').reading;
}

/**
 * Has a process of its own load an adapter and do a job with it. Whatever the adapter does there is a line here: that it ends the
 * process, throws from a timer, or never comes back.
 */
async function ask(command: AdapterCommand, silentMs: number): Promise<AdapterAnswer> {
  const guard = new Guard();
  const { path } = command;
  const ended = (error: Error): void =>
    guard.report(new Failure('adapter', `${path}: its process is gone: ${error.message}`));
  const host = loopbackNetwork('').clientHost;
  const child = startChild<AdapterCommand, AdapterReport>(
    { name: 'adapter', command: nodeProgram(PROGRAM), host, cores: [] },
    ended,
  );
  const reports = new Reports();
  child.onReport((report) => reports.take(report));
  try {
    child.send(command);
    for (;;) {
      const report = await guard.wait(reports.next(), {
        ms: silentMs,
        code: 'adapter',
        message: `${path}: it has computed for ${silentMs / 1000} s and not come back: let nothing in it loop for so long, at its top or in what it does with a message`,
      });
      if (report.kind === 'failed') throw new Failure(report.code, report.message);
      if (report.kind !== 'alive') return report;
    }
  } finally {
    await child.kill();
  }
}

/** One after the other. */
class Reports {
  readonly #come: AdapterReport[] = [];
  #told: ((report: AdapterReport) => void) | undefined;

  take(report: AdapterReport): void {
    const told = this.#told;
    this.#told = undefined;
    if (told === undefined) this.#come.push(report);
    else told(report);
  }

  async next(): Promise<AdapterReport> {
    const [first] = this.#come.splice(0, 1);
    if (first !== undefined) return first;
    return new Promise((resolve) => {
      this.#told = resolve;
    });
  }
}

function expected<Kind extends AdapterAnswer['kind']>(
  answer: AdapterAnswer,
  kind: Kind,
): Extract<AdapterAnswer, { kind: Kind }> {
  if (answer.kind !== kind) throw new TypeError(`asked for ${kind}, told ${answer.kind}`);
  return answer as Extract<AdapterAnswer, { kind: Kind }>;
}
