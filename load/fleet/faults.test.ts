import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { monotonicNs } from '../../scenarios/clock.ts';
import { type Fault, FAULT_KIND_IDS, parseFault } from '../../scenarios/faults.ts';
import { beginOrdeal, type CarriedOutFault, type FaultSite } from './faults.ts';

/** A place that keeps a diary of what is done to it. */
class Diary {
  readonly lines: string[] = [];

  readonly #note = (what: string) => async (): Promise<void> => {
    this.lines.push(what);
  };

  get site(): FaultSite {
    const write = (what: string): void => void this.lines.push(what);
    const child = { name: 'another', pid: 7, cores: [] };
    return {
      nodes: {
        targets: [1, 2, 3].map((port) => ({ host: 'here', port })),
        kill: async (node) => write(`kill ${node}`),
        sendAway: async (node) => write(`send away ${node}`),
        stop: (node) => write(`stop ${node}`),
        wake: (node) => write(`wake ${node}`),
        replace: async (node) => {
          write(`replace ${node}`);
          return child as never;
        },
      },
      redis: {
        child: { kill: this.#note('kill redis'), signal: write } as never,
        replace: async () => {
          write('replace redis');
          return child as never;
        },
      },
      network: { link: { cut: this.#note('cut'), mend: this.#note('mend') }, note: 'a wire' },
      onStarted: (role, { pid }) => write(`${role} ${pid} has started`),
    };
  }
}

async function carriedOut(text: string, site: FaultSite, endAfterMs: number): Promise<readonly CarriedOutFault[]> {
  const faults: Fault[] = text.split(',').map(parseFault);
  const ordeal = beginOrdeal(faults, site, {
    originNs: monotonicNs(),
    onTrouble: (error) => {
      throw error;
    },
  });
  await setTimeout(endAfterMs);
  return ordeal.end();
}

test.each([
  ['kill-node@0s', ['kill 2']],
  ['kill-node:2@0s+5ms', ['kill 1', 'replace 1', 'node 7 has started']],
  ['stop-node:1@0s+5ms', ['stop 0', 'wake 0']],
  ['restart-node@0s', ['send away 2', 'replace 2', 'node 7 has started']],
  ['kill-redis@0s', ['kill redis']],
  ['kill-redis@0s+5ms', ['kill redis', 'replace redis', 'redis 7 has started']],
  ['stop-redis@0s+5ms', ['SIGSTOP', 'SIGCONT']],
  ['cut-link@0s+5ms', ['cut', 'mend']],
])('%s', async (text, expected) => {
  const diary = new Diary();
  const [fault] = await carriedOut(text, diary.site, 60);
  expect(diary.lines).toEqual(expected);
  expect(fault?.undoneNs === null).toBe(!text.includes('+') && !text.startsWith('restart'));
});

test('every kind is among these', () => {
  expect(FAULT_KIND_IDS).toEqual(['kill-node', 'stop-node', 'restart-node', 'kill-redis', 'stop-redis', 'cut-link']);
});

test('each at its time; what was to come after the end does not come, and what stands still goes on', async () => {
  const diary = new Diary();
  const done = await carriedOut('stop-redis@10ms+10s,kill-node@60ms+10s,kill-node:1@10s', diary.site, 300);
  expect(diary.lines).toEqual(['SIGSTOP', 'kill 2', 'SIGCONT']);
  expect(done.map(({ fault, node, undoneNs }) => [fault.kind, node, undoneNs !== null])).toEqual([
    ['stop-redis', null, true],
    ['kill-node', 3, false],
  ]);
  const [redis, node] = done;
  expect((node?.doneNs ?? 0) - (redis?.doneNs ?? 0)).toBeGreaterThan(0);
});

test('what lies down is struck again when it is up, and other things meanwhile', async () => {
  const diary = new Diary();
  const { site } = diary;
  const replacing = Promise.withResolvers<void>();
  const nodes = {
    ...site.nodes,
    replace: async (node: number) => {
      await replacing.promise;
      return site.nodes.replace(node);
    },
  };
  const ending = carriedOut('restart-node@0s,kill-node@5ms,kill-node:1@10ms', { ...site, nodes }, 200);
  await vi.waitFor(() => expect(diary.lines).toEqual(['send away 2', 'kill 0']));
  replacing.resolve();
  await ending;
  expect(diary.lines).toEqual(['send away 2', 'kill 0', 'replace 2', 'node 7 has started', 'kill 2']);
});

test('what cannot be done is told with what it was', async () => {
  const { site } = new Diary();
  const troubles: Error[] = [];
  const nowhere: FaultSite = { ...site, redis: undefined, network: { note: 'no private network: no unshare' } };
  const faults = ['kill-redis@0s', 'cut-link@0s+1s'].map(parseFault);
  const ordeal = beginOrdeal(faults, nowhere, { originNs: monotonicNs(), onTrouble: (error) => troubles.push(error) });
  await setTimeout(20);
  expect(await ordeal.end()).toEqual([]);
  expect(troubles.map(({ message }) => message)).toEqual([
    'kill-redis@0s could not be carried out: the Redis of REDIS_URL is not ours to strike: unset it',
    'cut-link@0s+1s could not be carried out: there is no link of its own to cut (no private network: no unshare)',
  ]);
  expect(troubles).toMatchObject([{ code: 'fault-failed' }, { code: 'fault-failed' }]);
});
