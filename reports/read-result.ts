import { errorMessage, Failure } from '../scenarios/failures.ts';
import { parseResult, type Result } from '../scenarios/result/result.ts';
import { readTextFile } from '../scenarios/text-file.ts';

export const RESULT_FILE = 'result.json';

/** Node's strings end not far above. */
const MOST_RESULT_BYTES = 500_000_000;

/** Throws `unreadable` where the file is not there, not JSON, or not a result that this version knows. */
export function readResult(path: string): Result {
  const result = parseResult(readJson(path));
  if (typeof result !== 'string') return result;
  throw new Failure(
    'unreadable',
    `${path} is not a result that can be read: ${result}; run the scenario again, or use the feedbench that wrote it`,
  );
}

/** Throws `unreadable` where the file is not there or not JSON. */
export function readJson(path: string): unknown {
  return parseJson(readText(path), path);
}

function readText(path: string): string {
  try {
    return readTextFile(path, MOST_RESULT_BYTES);
  } catch (error) {
    throw new Failure('unreadable', `cannot read ${path} (${errorMessage(error)}): name a ${RESULT_FILE} of a run`, {
      cause: error,
    });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure('unreadable', `${path} is not JSON (${errorMessage(error)}): name a ${RESULT_FILE} of a run`, {
      cause: error,
    });
  }
}
