import { join } from 'node:path';
import { Failure } from '../../scenarios/failures.ts';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { findProgram, readOutput } from '../machine/programs.ts';

/** Where setup builds it, with the modules that go.sum pins; a package has no set-up. */
const { workshop } = INSTALLATION;
const BUILT = workshop === undefined ? undefined : join(workshop, 'k6', 'k6');
const HOW_TO_GET_IT =
  BUILT === undefined
    ? 'put it on PATH (https://grafana.com/docs/k6/latest/set-up/install-k6) or name it with K6=path'
    : 'install it, name it with K6=path, or install Go 1.25 or newer and run "make k6"';
const MAJOR_VERSION = 2;
/** It is a large program, and the disk may be a slow one. */
const PATIENCE_MS = 20_000;

/**
 * The k6 that the variable K6 names; without it the one on PATH if its version is the one that the scripts are written for,
 * else the one that setup has built.
 */
export async function findK6(): Promise<string> {
  const named = process.env['K6'] ?? '';
  const candidates = (named === '' ? [findProgram('k6'), BUILT] : [named]).filter((path) => path !== undefined);
  const versions = await Promise.all(candidates.map(readMajorVersion));
  const program = candidates.find((_, index) => versions[index] === MAJOR_VERSION);
  if (program !== undefined) return program;
  const other = versions.find((version) => version !== undefined);
  const found = other === undefined ? 'k6 is not installed' : `k6 ${other} is installed`;
  throw new Failure('missing-program', `${found}, and the generator k6 needs k6 ${MAJOR_VERSION}: ${HOW_TO_GET_IT}`);
}

async function readMajorVersion(program: string): Promise<number | undefined> {
  try {
    return Number(/^k6 v(\d+)\./.exec(await readOutput([program, 'version'], PATIENCE_MS))?.[1] ?? Number.NaN);
  } catch {
    // Not there, or not to be started on this system.
    return undefined;
  }
}
