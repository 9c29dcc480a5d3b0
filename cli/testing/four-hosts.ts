import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A machine of its own, as far as its network goes. */
interface Host {
  /** The words before a command that run it there. */
  readonly enter: readonly string[];
}

/** Hosts with a cable each to the one in the middle, over which nothing is routed. */
export interface Hosts extends AsyncDisposable {
  readonly middle: Host;
  /** With the addresses at both ends of the cable: its own, and that of the middle. */
  readonly around: readonly (Host & { readonly address: string; readonly middleAddress: string })[];
}

/** Rejects where the system allows no private networks. They are gone with this process. */
export async function openHosts(count: number): Promise<Hosts> {
  await using opened = new AsyncDisposableStack();
  const middle = await hold(['unshare', '--user', '--map-root-user', '--net'], opened);
  const around: Hosts['around'][number][] = [];
  for (let index = 0; index < count; index++) {
    const host = await hold([...middle.enter, 'unshare', '--net'], opened);
    const [address, middleAddress] = [`198.18.${index}.2`, `198.18.${index}.1`];
    const [near, far] = [`middle${index}`, `host${index}`];
    await inside(middle, ['ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far]);
    await inside(middle, ['ip', 'link', 'set', far, 'netns', String(host.pid)]);
    await join(middle, near, middleAddress);
    await join(host, far, address);
    around.push({ enter: host.enter, address, middleAddress });
  }
  const closing = opened.move();
  return { middle, around, [Symbol.asyncDispose]: async () => closing.disposeAsync() };
}

interface Held extends Host {
  readonly pid: number;
}

/** By a `cat` that reads from a pipe of ours. */
async function hold([program = '', ...parameters]: readonly string[], opened: AsyncDisposableStack): Promise<Held> {
  const holder = spawn(program, [...parameters, 'cat'], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  const gone = new Promise<void>((resolve) => {
    holder.once('close', () => resolve());
  });
  opened.defer(async () => {
    holder.kill('SIGKILL');
    await gone;
  });
  const { pid } = holder;
  await new Promise<void>((resolve, reject) => {
    holder.once('error', reject);
    holder.once('exit', () => reject(new Error(`${program} ended at once`)));
    holder.stdout.once('data', () => resolve());
    holder.stdin.on('error', () => undefined);
    holder.stdin.write('ready\n');
  });
  if (pid === undefined) throw new Error(`${program} has no process id`);
  const namespaces = [`--user=/proc/${pid}/ns/user`, `--net=/proc/${pid}/ns/net`];
  return { pid, enter: ['nsenter', '--preserve-credentials', ...namespaces, '--'] };
}

async function join(host: Host, link: string, address: string): Promise<void> {
  await inside(host, ['ip', 'address', 'add', `${address}/24`, 'dev', link]);
  await inside(host, ['ip', 'link', 'set', 'lo', 'up']);
  await inside(host, ['ip', 'link', 'set', link, 'up']);
}

async function inside({ enter: [program = '', ...words] }: Host, command: readonly string[]): Promise<void> {
  await execute(program, [...words, ...command]);
}
