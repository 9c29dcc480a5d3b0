import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { errorMessage, Failure } from '../../scenarios/failures.ts';
import { firstIssue } from '../../scenarios/feed/workload.ts';
import { sessionEndSchema } from '../../scenarios/result/session-ends.ts';
import { type HostLine, type Line, LINE_MARK } from '../k6/lines.ts';
import { LineSplitter, LineTooLong } from '../k6/line-splitter.ts';
import { type Published, publishedSchema } from './published.ts';

const client = z.int().min(0);
const clock = z.strictObject({ offsetMs: z.number(), boundMs: z.number().min(0) });
const instance = z.int().min(1);

/** What scripts print, as it comes back in files that anybody may have handled. */
const lineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('opened'), client, atMs: z.number() }),
  z.strictObject({ kind: z.literal('seen'), client, messages: z.array(z.number()), answers: z.array(z.number()) }),
  z.strictObject({
    kind: z.literal('notice'),
    client,
    notice: z.discriminatedUnion('notice', [
      z.strictObject({ notice: z.literal('gap'), from: z.int(), to: z.int() }),
      z.strictObject({ notice: z.literal('reset'), latest: z.int() }),
    ]),
  }),
  z.strictObject({ kind: z.literal('foreign'), client, words: z.string() }),
  z.strictObject({ kind: z.literal('ended'), client, end: sessionEndSchema, atMs: z.number() }),
  z.strictObject({ kind: z.literal('left'), client }),
  z.strictObject({
    kind: z.literal('joined'),
    instance,
    feed: z.string(),
    scheduleHash: z.string(),
    transport: z.string(),
    clients: z.int().min(1),
    connectMs: z.number().min(0),
    clock,
  }),
  z.strictObject({ kind: z.literal('clock'), instance, clock }),
  z.strictObject({ kind: z.literal('parted'), instance }),
  publishedSchema,
]);

type ToldLine = Line | HostLine | Published;

/** The last line of a file may be cut where its writer was killed, or its disk was full. */
export type Ending = 'whole' | 'cut';

/**
 * Every marked line of a file, in turn; what stands around them is k6's own, or a frame that a collector put in front. Rejects with
 * `unreadable` for a line that is none in the middle of the file, or that has no end.
 */
export async function readTold(path: string, onLine: (line: ToldLine) => void): Promise<Ending> {
  let wrong: string | undefined;
  let number = 0;
  try {
    for await (const text of linesOf(path)) {
      number += 1;
      if (wrong !== undefined) throw damaged(path, wrong);
      const at = text.indexOf(`${LINE_MARK}{`);
      if (at < 0) continue;
      const line = parsed(text.slice(at + LINE_MARK.length));
      if (typeof line === 'string') wrong = `line ${number}: ${line}`;
      else onLine(line);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (error instanceof LineTooLong) throw damaged(path, `line ${number + 1}: ${error.message}`);
    throw new Failure('unreadable', `cannot read ${path} (${errorMessage(error)})`, { cause: error });
  }
  return wrong === undefined ? 'whole' : 'cut';
}

/** The last one too where it has no end. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const splitter = new LineSplitter();
  for await (const text of createReadStream(path, 'utf8') as AsyncIterable<string>) yield* splitter.split(text);
  if (splitter.rest !== '') yield splitter.rest;
}

function damaged(path: string, what: string): Failure {
  return new Failure(
    'unreadable',
    `${path}, ${what}: it was changed or damaged, or is of another version of feedbench: collect it again`,
  );
}

/** Or in words what is wrong with it. */
function parsed(text: string): ToldLine | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // `docker logs` with its own frame quotes what it frames.
    return text.includes(String.raw`\"`)
      ? 'k6 has put it in a frame: run it with --log-format=raw'
      : errorMessage(error);
  }
  const line = lineSchema.safeParse(value);
  return line.success ? line.data : firstIssue(line.error);
}
