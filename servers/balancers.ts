import type { ValueOf } from '../scenarios/dimensions.ts';
import type { BalancerPlace } from './balancer/template.ts';

export type BalancerId = Exclude<ValueOf<'balancer'>, 'none'>;

interface BalancerRow {
  readonly label: string;
  /** As it is called on PATH. */
  readonly program: string;
  /** What installs it, in a line. */
  readonly getIt: string;
  /** Its word in tools/setup.sh. */
  readonly setUp: string;
  /** Which file it is given in either way of setting it up; `balancer/template.ts` fills it in. */
  readonly files: Readonly<Record<ValueOf<'tuning'>, URL>>;
  /** The words behind the program that run it with a file in the foreground, and those that have it only look at the file. */
  readonly run: (file: string, folder: string) => readonly string[];
  readonly check: (file: string, folder: string) => readonly string[];
}

/** It writes what is wrong to standard error until it has read its file; workers are of the user who started it. */
const NGINX_WORDS = ['-e', 'stderr', '-g', 'daemon off; user root root;'];

/** What can stand in front of the nodes. */
export const BALANCERS: Readonly<Record<BalancerId, BalancerRow>> = {
  nginx: {
    label: 'nginx',
    program: 'nginx',
    getIt: 'apt-get install nginx-light, or brew install nginx',
    setUp: 'nginx',
    files: {
      stock: new URL('balancer/nginx-stock.conf', import.meta.url),
      tuned: new URL('balancer/nginx-tuned.conf', import.meta.url),
    },
    run: (file, folder) => [...NGINX_WORDS, '-p', folder, '-c', file],
    check: (file, folder) => ['-t', '-q', ...NGINX_WORDS, '-p', folder, '-c', file],
  },
  haproxy: {
    label: 'HAProxy',
    program: 'haproxy',
    getIt: 'apt-get install haproxy, or brew install haproxy',
    setUp: 'haproxy',
    files: {
      stock: new URL('balancer/haproxy-stock.cfg', import.meta.url),
      tuned: new URL('balancer/haproxy-tuned.cfg', import.meta.url),
    },
    run: (file) => ['-db', '-f', file],
    check: (file) => ['-c', '-q', '-f', file],
  },
};

export const BALANCER_IDS = Object.keys(BALANCERS) as BalancerId[];

/** Its file, filled in. */
export async function settingsFor(id: BalancerId, tuning: ValueOf<'tuning'>, place: BalancerPlace): Promise<string> {
  const [{ filledIn }, { readFile }] = await Promise.all([
    import('./balancer/template.ts'),
    import('node:fs/promises'),
  ]);
  return filledIn(await readFile(BALANCERS[id].files[tuning], 'utf8'), place);
}
