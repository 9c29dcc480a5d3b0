import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';

/** Ends a second after it was told to, as a trial does that is finished with what it has. */
const PROGRAM = `
  import { stopOnSignals } from ${JSON.stringify(join(import.meta.dirname, 'signals.ts'))};
  const stop = stopOnSignals(console.log);
  stop.addEventListener('abort', () => setTimeout(() => { console.log('ended well'); process.exit(0); }, 1000));
  setInterval(() => undefined, 1000);
  console.log('ready');`;

interface Exit {
  readonly status: number | null;
  readonly printed: string;
}

/** Sends the whole group a Ctrl-C when it is ready, as a terminal does, and once more when it has heard that. */
async function interrupted([program, ...words]: readonly [string, ...string[]], again = false): Promise<Exit> {
  const { npm_command: _, ...env } = process.env;
  const child = spawn(program, [...words, '--input-type=module', '-e', PROGRAM], {
    // Some shells, unlike others, make way for the program that they start: it is npm's own child then.
    env: { ...env, npm_config_script_shell: 'bash' },
    cwd: dirname(import.meta.dirname),
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (part: Buffer) => void (printed += part.toString()));
  const closed = once(child, 'close');
  const press = (): void => void process.kill(-(child.pid ?? 0), 'SIGINT');
  await vi.waitFor(() => expect(printed).toContain('ready'), 10_000);
  press();
  await vi.waitFor(() => expect(printed).toContain('stopping'), 10_000);
  if (again) press();
  const [status] = (await closed) as [number | null];
  return { status, printed };
}

test('one Ctrl-C finishes what is at hand, and a second one stops at once', async () => {
  expect(await interrupted([process.execPath])).toMatchObject({
    status: 0,
    printed: expect.stringContaining('ended well') as string,
  });
  expect(await interrupted([process.execPath], true)).toMatchObject({
    status: 130,
    printed: expect.not.stringContaining('ended well') as string,
  });
});

test('below npx, which passes on what the terminal has told already, one is one', async () => {
  const { printed } = await interrupted(['npm', 'exec', '--offline', '--', process.execPath]);
  expect(printed.match(/stopping|ended well/g)).toEqual(['stopping', 'ended well']);
});
