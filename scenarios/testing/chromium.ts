import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestOptions } from 'vitest';
import { needs } from './conditions.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Undefined where none is installed. */
const path = NAMES.flatMap((name) =>
  (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)),
).find(isExecutable);

/** How tests start the system's browser. */
export const CHROMIUM = {
  executablePath: path ?? '',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
};

export const NEEDS_CHROMIUM: TestOptions = needs(path !== undefined, `none of ${NAMES.join(', ')} is installed`);

function isExecutable(candidate: string): boolean {
  try {
    accessSync(candidate, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
