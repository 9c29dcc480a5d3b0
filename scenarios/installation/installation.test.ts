import { expect, test } from 'vitest';
import { type Installation, INSTALLATION, installationOf } from './installation.ts';

const STATE = { XDG_STATE_HOME: '/home/ann/state' };

/** As npm lays it out, started in `folder`. */
function packageIn(modules: string, folder: string, environment: NodeJS.ProcessEnv = {}): Installation {
  const file = `${modules}/feedbench/dist/scenarios/installation/installation.mjs`;
  return installationOf({ file, folder, environment: { ...STATE, ...environment } });
}

test('a checkout keeps all that it makes to itself, wherever it is started', () => {
  const file = '/src/feedbench/scenarios/installation/installation.ts';
  expect(installationOf({ file, folder: '/tmp', environment: STATE })).toEqual({
    kind: 'checkout',
    root: '/src/feedbench',
    home: '/src/feedbench',
    out: '/src/feedbench/reports/out',
    calibrations: '/src/feedbench/.feedbench/calibration',
    workshop: '/src/feedbench/.feedbench',
    command: './feedbench',
  });
  expect(INSTALLATION.kind).toBe('checkout');
});

test('a package makes nothing in the folder that is npm’s', () => {
  expect(packageIn('/app/node_modules', '/app')).toEqual({
    kind: 'package',
    root: '/app/node_modules/feedbench',
    home: '/app',
    out: '/app/feedbench-reports',
    calibrations: '/home/ann/state/feedbench/calibration',
    workshop: undefined,
    command: 'npx feedbench',
  });
});

test('a package is called as it can be called from here', () => {
  expect(packageIn('/usr/lib/node_modules', '/home/ann').command).toBe('feedbench');
  expect(packageIn('/home/ann/.npm/_npx/1f/node_modules', '/srv', { npm_command: 'exec' }).command).toBe(
    'npx feedbench',
  );
});
