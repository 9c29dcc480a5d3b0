import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { z } from 'zod';
import { errorMessage, Failure, systemErrorCode } from '../../scenarios/failures.ts';
import { printable } from '../../scenarios/printable.ts';
import type { Adapter } from './adapter.ts';
import { within } from './time-limit.ts';

/** Reading a file, with all that it imports. */
const LOAD_MS = 10_000;

const KINDS = ['websocket', 'events', 'polling', 'long-polling', 'socketio', 'own'] as const satisfies Adapter['by'][];

const callable = z.custom<() => unknown>((value) => typeof value === 'function', 'must be a function');
const headers = z.record(z.string(), z.string()).optional();
const described = {
  label: z.string().trim().min(1).max(60),
  read: callable,
  publish: callable.optional(),
  clock: callable.optional(),
};
const adapterSchema = z.discriminatedUnion('by', [
  z.strictObject({ ...described, by: z.literal('own'), connect: callable }),
  z.strictObject({
    ...described,
    by: z.enum(KINDS.filter((kind) => kind !== 'own')),
    headers,
    protocols: z.array(z.string()).optional(),
    subscribe: callable.optional(),
    subscribed: callable.optional(),
    ask: callable.optional(),
  }),
]);

/** What Node says of files that it cannot run, and what to do about it. */
const REMEDIES: Readonly<Record<string, string>> = {
  ERR_MODULE_NOT_FOUND: 'correct the path, or install what it imports',
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    'Node strips types and does no more: write it without enum, namespace, and parameters that are properties',
  ERR_INVALID_TYPESCRIPT_SYNTAX: 'correct its syntax',
  ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING:
    'Node strips no types below node_modules: put it elsewhere, or write it as .js',
  ERR_UNKNOWN_FILE_EXTENSION: 'name it .ts, .js or .mjs',
};

/** Reads a user's file. Throws `adapter` with what is wrong with it, and what to do. */
export async function loadAdapter(path: string): Promise<Adapter> {
  if (!existsSync(path)) throw new Failure('adapter', `${path}: there is no such file: correct --adapter`);
  const loaded = import(pathToFileURL(resolve(path)).href) as Promise<Readonly<Record<string, unknown>>>;
  const module = await within(LOAD_MS, loaded).catch((error: unknown) => {
    throw unloadable(path, error);
  });
  if (module === 'late')
    throw new Failure('adapter', `${path}: it has not loaded within ${LOAD_MS / 1000} s; let nothing at its top wait`);
  return checked(path, module.adapter ?? module.default);
}

function unloadable(path: string, error: unknown): Failure {
  const code = systemErrorCode(error) ?? '';
  const remedy =
    REMEDIES[code] ?? (error instanceof SyntaxError ? 'correct its syntax' : 'correct what it does at its top');
  const [message = ''] = errorMessage(error).trim().split('\n');
  return new Failure('adapter', `${path}: it cannot be loaded: ${printable(message)}; ${remedy}`, { cause: error });
}

/** The functions are the user's own: whether they do their part is seen when they are called. */
function checked(path: string, value: unknown): Adapter {
  if (value === undefined)
    throw new Failure('adapter', `${path}: it exports no adapter: write "export const adapter: Adapter = { … }"`);
  const parsed = adapterSchema.safeParse(value);
  if (parsed.success) return value as Adapter;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'adapter' : `adapter.${issue.path.join('.')}`;
  const kinds = issue?.path[0] === 'by' ? `; there are ${KINDS.join(', ')}` : '';
  throw new Failure('adapter', `${path}: ${place}: ${issue?.message ?? 'it is not what it should be'}${kinds}`);
}
