import { write } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { FAILURES, systemErrorCode } from '../scenarios/failures.ts';
import { visible, visibleLines } from './visible.ts';

const writeSome = promisify(write);
const AGAIN_MS = 20;

/** Prints one line. */
export function print(line: string): void {
  stdout.write(`${visible(line)}\n`);
}

/** Prints text that has lines. */
export function printText(text: string): void {
  stdout.write(`${visibleLines(text)}\n`);
}

/** Says what is wrong, in one line. */
export function complain(line: string): void {
  stderr.write(`feedbench: ${visible(line)}\n`);
}

/** For a verb that does nothing but print: 0, or the exit code of a device that did not take it. */
export async function exitCodeOfPrinting(): Promise<number> {
  await written;
  return stdout.refusal === undefined ? 0 : FAILURES['disk-full'].exitCode;
}

/**
 * Standard output or standard error. What is printed waits in a queue and is written by a thread of its own, so that a
 * terminal that stands still (Ctrl-S, a selection with the mouse) does not stop what is measured. Whoever reads it may go
 * at any time (`head`, a closed terminal), and a device may be full: then the text is lost, and nothing else.
 */
class Outlet {
  readonly #descriptor: 1 | 2;
  #waiting = 0;
  /** Why a device did not take what was printed. That a reader has gone is no refusal. */
  refusal: string | undefined;

  constructor(descriptor: 1 | 2) {
    this.#descriptor = descriptor;
  }

  get isTTY(): boolean {
    return isatty(this.#descriptor);
  }

  /** Undefined where there is no terminal, or none that says. */
  get columns(): number | undefined {
    if (!this.isTTY) return undefined;
    const { columns } = this.#descriptor === 1 ? process.stdout : process.stderr;
    // Some terminals say that they have 0 columns.
    return columns === 0 ? undefined : columns;
  }

  /** True while something that was printed has not been taken. */
  get isBusy(): boolean {
    return this.#waiting > 0;
  }

  write(text: string): void {
    this.#waiting++;
    written = written.then(async () => {
      await this.#write(Buffer.from(text));
      this.#waiting--;
    });
  }

  async #write(bytes: Buffer): Promise<void> {
    try {
      for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(await writePart(this.#descriptor, rest));
    } catch (error) {
      this.#refused(systemErrorCode(error) ?? String(error));
    }
  }

  #refused(code: string): void {
    if (READER_GONE.has(code) || this.refusal !== undefined) return;
    this.refusal = code;
    const name = this.#descriptor === 1 ? 'standard output' : 'standard error';
    if (this !== stderr) complain(`${name} does not take what is printed (${code}): that is lost, and nothing else`);
  }
}

/** A pipe without a reader, a terminal that was closed. */
const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'EIO', 'EBADF', 'ENXIO']);

/** How much of it was taken. Another program that shares a pipe may have made it one that does not wait (EAGAIN). */
async function writePart(descriptor: number, bytes: Buffer): Promise<number> {
  try {
    return (await writeSome(descriptor, bytes, 0, bytes.length, null)).bytesWritten;
  } catch (error) {
    if (systemErrorCode(error) !== 'EAGAIN') throw error;
    await setTimeout(AGAIN_MS);
    return 0;
  }
}

/** Both in one queue: on a terminal they are one text. */
let written: Promise<void> = Promise.resolve();
export const stdout = new Outlet(1);
export const stderr = new Outlet(2);
