import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DIMENSIONS } from '../dimensions.ts';
import { errorMessage, Failure } from '../failures.ts';
import { writtenFaultSchema } from '../fault-schemas.ts';
import type { Fault } from '../faults.ts';
import { readTextFile } from '../text-file.ts';
import { type Feed, feedSchema } from './kinds/feed-schemas.ts';
import { knownKeys } from './kinds/known-keys.ts';
import { payloadSchema } from './kinds/payload-schema.ts';
import { DURATION_PATTERN, durationOrProblem } from '../units.ts';

/**
 * A workload is data: who listens to what, how much and how often. One JSON file each in `workloads/`, or a file of the
 * user's own; a key that is not known is an error with its path.
 */
const duration = (bounds = {}) =>
  z
    .string()
    .meta({ pattern: DURATION_PATTERN })
    .transform((text, context) => {
      const durationNs = durationOrProblem(text, bounds);
      if (typeof durationNs === 'number') return durationNs;
      context.addIssue({ code: 'custom', message: durationNs });
      return z.NEVER;
    });

const MOST_FAULTS = 20;

const optionsSchema = z.record(z.string(), z.string());

/** The descriptions are for whoever writes a file: editors show them. */
const workloadSchema = knownKeys({
  $schema: z.string().optional().describe('where the schema is by which an editor understands this file'),
  description: z.string().min(1).describe('what is measured, in a line for reports'),
  standsFor: z
    .string()
    .min(1)
    .optional()
    .describe('whose app it stands for, and where its numbers come from, in a sentence or two'),
  clients: z.int().min(1).max(1_000_000).describe('clients that listen, or talk, at the same time'),
  feed: feedSchema.describe('what is said, by whom and to whom'),
  payload: payloadSchema.default({ kind: 'stock-prices', bytes: 200 }).describe('what is in a message'),
  pollInterval: duration(DIMENSIONS.pollIntervalNs.values.bounds)
    .prefault('3s')
    .describe('between two polls of a client, such as 3s or 500ms'),
  duration: duration().prefault('6s').describe('the measured window of a trial, such as 10s'),
  // A node takes no longer ones.
  heartbeat: duration({ least: '1s', most: '1h' })
    .optional()
    .describe(
      'how often something goes over a connection on which nothing is said, and how long a poll is held; absent: as is usual',
    ),
  faults: z.array(writtenFaultSchema).max(MOST_FAULTS).default([]).describe('what is made to happen to the servers'),
  options: z
    .union([optionsSchema.transform((options) => [options]), z.array(optionsSchema).min(1)])
    .optional()
    .describe(
      'what is measured where the command line does not say, in its words; several sets are measured beside each other',
    ),
});

/** What a workload file may be, as JSON Schema of draft 7, which editors know. Of `options` it says no keys: who knows them adds them. */
export function workloadJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(workloadSchema, { io: 'input', target: 'draft-7' });
}

export type Payload = z.infer<typeof workloadSchema>['payload'];

export interface Workload {
  readonly name: string;
  readonly description: string;
  /** Whose app it stands for, and where its numbers come from; in a file of the user's it may be missing. */
  readonly standsFor?: string | undefined;
  readonly clients: number;
  readonly feed: Feed;
  readonly payload: Payload;
  readonly pollIntervalNs: number;
  readonly durationNs: number;
  /** How often connections show a sign of life, and how long polls are held; absent: as is usual. */
  readonly heartbeatNs?: number | undefined;
  /** What is made to happen to the servers meanwhile. */
  readonly faults: readonly Fault[];
  /**
   * What is measured where nobody asks for anything else, in the words of the command line. Values of one entry multiply;
   * several entries are measured beside each other.
   */
  readonly options?: readonly Readonly<Record<string, string>>[];
}

const MOST_WORKLOAD_BYTES = 1024 * 1024;
const WORKLOADS_FOLDER = join(import.meta.dirname, '..', 'workloads');

export function workloadNames(): string[] {
  return readdirSync(WORKLOADS_FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .toSorted();
}

/** A workload by name, or from a file where `nameOrPath` looks like one (ends in `.json`). Throws `usage`, `unreadable`. */
export function loadWorkload(nameOrPath: string): Workload {
  const isPath = nameOrPath.endsWith('.json');
  const path = isPath ? nameOrPath : join(WORKLOADS_FOLDER, `${nameOrPath}.json`);
  if (!isPath && (!/^[\w-]+$/.test(nameOrPath) || !existsSync(path))) {
    throw new Failure(
      'usage',
      `no scenario is called "${nameOrPath}"; there are ${workloadNames().join(', ')}, or name a workload file ending in .json`,
    );
  }
  return parseWorkload(basename(path, '.json'), readText(path), path);
}

/** Throws `usage` with the path of each wrong key. */
export function parseWorkload(name: string, text: string, path: string): Workload {
  if (!/^[\w-]+$/.test(name))
    throw new Failure(
      'usage',
      `${path}: name the file with letters, digits, "-" and "_" only; reports are named after it`,
    );
  const parsed = workloadSchema.safeParse(parseJson(text, path));
  if (!parsed.success) throw new Failure('usage', `${path}: ${allIssues(parsed.error)}`);
  const { $schema: _editors, pollInterval, duration: durationNs, heartbeat, options, ...rest } = parsed.data;
  const described = { name, ...rest, pollIntervalNs: pollInterval, durationNs };
  return {
    ...described,
    ...(heartbeat !== undefined && { heartbeatNs: heartbeat }),
    ...(options !== undefined && { options }),
  };
}

function readText(path: string): string {
  try {
    return readTextFile(path, MOST_WORKLOAD_BYTES);
  } catch (error) {
    throw new Failure('unreadable', `cannot read the workload ${path}: ${errorMessage(error)}`, { cause: error });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure('usage', `${path} is not JSON: ${errorMessage(error)}`, { cause: error });
  }
}

/** The first thing wrong, in one line with its path. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'invalid' : issueText(issue);
}

/** Whoever writes a file by hand mends all of it at once. */
function allIssues(error: z.ZodError): string {
  return error.issues.map(issueText).join('; ');
}

function issueText(issue: z.core.$ZodIssue): string {
  const { path: keys, message } = innermost(issue);
  const path = keys.map(String).join('.');
  const words = message.endsWith('received undefined') ? 'is missing' : message;
  return path === '' ? words : `${path}: ${words}`;
}

/** Of a value that may be one thing or another: what is wrong with it as the one that it comes nearest to. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const [nearest] = issue.errors.flat().toSorted((a, b) => b.path.length - a.path.length);
  if (nearest === undefined || nearest.path.length === 0) return issue;
  return innermost({ ...nearest, path: [...issue.path, ...nearest.path] });
}
