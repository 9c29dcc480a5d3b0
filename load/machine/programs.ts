import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Full path of a program on PATH, or undefined; the system folders count even where PATH leaves them out. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** For programs whose words are read here: in no language but the one that we read, with a point in decimal numbers. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C' };
}

/** What a program prints. Rejects where it is not there, fails, or takes longer than that. */
export async function readOutput(command: readonly string[], timeoutMs: number): Promise<string> {
  const [program = '', ...parameters] = command;
  const { stdout } = await execute(program, parameters, { env: plainEnvironment(), timeout: timeoutMs });
  return stdout;
}
