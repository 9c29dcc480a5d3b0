import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative } from 'node:path';

/** How this program came here, and by that where it keeps what it makes, and what it is called. */
export interface Installation {
  readonly kind: 'checkout' | 'package';
  /** The folder of package.json. */
  readonly root: string;
  /** The folder that pages and hints name files from. */
  readonly home: string;
  /** Results and reports, where nobody says where to. */
  readonly out: string;
  /** The campaigns of `calibrate`. */
  readonly calibrations: string;
  /** What set-up builds and Node compiles. A package has no set-up, and its launcher sees to the second. */
  readonly workshop: string | undefined;
  /** What to type, in `home`. */
  readonly command: string;
}

interface Surroundings {
  /** Where this module is. */
  readonly file: string;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** In a checkout the sources run as they are. Under `node_modules` Node runs no TypeScript, so a package holds what is built of them. */
export function installationOf({ file, folder, environment }: Surroundings): Installation {
  const top = join(dirname(file), '..', '..');
  return file.endsWith('.ts') ? checkoutAt(top) : packageAt(dirname(top), { folder, environment });
}

function checkoutAt(root: string): Installation {
  const workshop = join(root, '.feedbench');
  return {
    kind: 'checkout',
    root,
    home: root,
    out: join(root, 'reports', 'out'),
    calibrations: join(workshop, 'calibration'),
    workshop,
    command: './feedbench',
  };
}

/** The folder of a package is npm's, and may be another user's: what is made goes to the user's own. */
function packageAt(root: string, { folder, environment }: Omit<Surroundings, 'file'>): Installation {
  const isNear = isInside(folder, root) || environment['npm_command'] === 'exec';
  return {
    kind: 'package',
    root,
    home: folder,
    out: join(folder, 'feedbench-reports'),
    calibrations: join(stateFolder(environment), 'calibration'),
    workshop: undefined,
    command: isNear ? 'npx feedbench' : 'feedbench',
  };
}

/** With the state of the user's other programs (XDG Base Directory Specification). */
export function stateFolder(environment: NodeJS.ProcessEnv): string {
  const given = environment['XDG_STATE_HOME'] ?? '';
  const state = given.startsWith('/') ? given : join(homedir(), '.local', 'state');
  return join(state, 'feedbench');
}

export function isInside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return !inside.startsWith('..') && !isAbsolute(inside);
}

export const INSTALLATION: Installation = installationOf({
  file: import.meta.filename,
  folder: process.cwd(),
  environment: process.env,
});
