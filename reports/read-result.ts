import { readFileSync } from 'node:fs';
import { errorMessage, Failure } from '../scenarios/failures.ts';
import { parseResult, type Result } from '../scenarios/result/result.ts';

export const RESULT_FILE = 'result.json';

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
    return readFileSync(path, 'utf8');
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
