import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';

const answerSchema = z.object({
  id: z.int(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const eventSchema = z.object({ method: z.string(), params: z.unknown().optional(), sessionId: z.string().optional() });
const messageSchema = z.union([answerSchema, eventSchema]);

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What Chromium tells of one page, or of itself. */
type Listener = (method: string, params: unknown) => void;

/**
 * Chromium's own protocol over its pipe (`--remote-debugging-pipe`: JSON with a zero byte behind each). Pages are asked for no event but
 * those that are needed; a library that drives pages lets itself be told of each request and each frame of theirs.
 */
export class DevTools {
  readonly #process: ChildProcess;
  readonly #input: Writable;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, Listener>();
  #commands = 0;
  #unread = '';

  /** `onEnd` is called once Chromium is gone. */
  constructor(command: readonly string[], environment: NodeJS.ProcessEnv, onEnd: () => void) {
    const [program = '', ...parameters] = command;
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
    this.#process = spawn(program, parameters, { env: environment, stdio: [...stdio] });
    const [, , , input, output] = this.#process.stdio;
    this.#input = input as Writable;
    // What it cannot be told any more its end tells.
    this.#input.on('error', () => undefined);
    (output as Readable).setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#process.once('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Chromium has ended'));
      onEnd();
    });
    this.#process.once('error', () => undefined);
  }

  async send(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
    this.#commands += 1;
    const id = this.#commands;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#input.write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`);
    return promise;
  }

  /** Who is told what a page tells. */
  listen(sessionId: string, listener: Listener): void {
    this.#listeners.set(sessionId, listener);
  }

  /** Resolves when it has gone. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.once('close', () => resolve());
    this.send('Browser.close').catch(() => undefined);
    const impatience = setTimeout(() => this.#process.kill('SIGKILL'), CLOSE_MS);
    await promise;
    clearTimeout(impatience);
  }

  #read(text: string): void {
    const messages = (this.#unread + text).split('\0');
    this.#unread = messages.pop() ?? '';
    for (const message of messages) this.#take(messageSchema.parse(JSON.parse(message)));
  }

  #take(message: z.output<typeof messageSchema>): void {
    if ('method' in message) {
      this.#listeners.get(message.sessionId ?? '')?.(message.method, message.params);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.result);
    else waiting?.reject(new Error(`Chromium: ${message.error.message}`));
  }
}

/** A little less than whoever ends the worker waits for it. */
const CLOSE_MS = 2000;
