import { Failure } from '../../scenarios/failures.ts';
import { findProgram } from './programs.ts';

/** As distributions call it, and Google. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const;

/** The Chromium that the variable CHROMIUM names; without it the first of its names on PATH. */
export function findChromium(): string {
  const named = process.env['CHROMIUM'] ?? '';
  const program = (named === '' ? NAMES : [named]).map((name) => findProgram(name)).find((path) => path !== undefined);
  if (program !== undefined) return program;
  const missing =
    named === '' ? `none of ${NAMES.join(', ')} is installed` : `CHROMIUM names ${named}, which cannot be run`;
  throw new Failure(
    'missing-program',
    `${missing}, and pages need one: apt-get install chromium, install Chrome, or name it with CHROMIUM=path`,
  );
}

/** Root has no sandbox, and is root in a namespace of its own. */
export function sandboxSwitches(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}
