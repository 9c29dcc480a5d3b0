import { expect, test } from 'vitest';
import { errorMessage } from '../../scenarios/failures.ts';
import { loadWorkload } from '../../scenarios/feed/workload.ts';
import type { KnownServer } from '../../load/foreign/foreign-server.ts';
import type { ScenarioPlan } from '../../load/plan.ts';
import { checkConsent, type ForeignChoices, loadLines, planForeign } from './foreign-plan.ts';
import { foreignOf, type RunOptions } from './run-options.ts';

const ADDRESS = { url: 'ws://chat.example:80/', host: '198.51.100.7', port: 80, isSecure: false, isLoopback: false };
const SERVER = {
  adapter: '/mine.ts',
  id: 'mine',
  label: 'mine',
  isPublishedTo: true,
  hasClock: false,
  address: ADDRESS,
};

function known(change: Partial<KnownServer> = {}): KnownServer {
  return {
    nearest: 'websocket',
    server: SERVER,
    ...change,
  };
}

function planOf(change: Partial<ForeignChoices> = {}, scenario = 'ticker'): ScenarioPlan {
  return planForeign(loadWorkload(scenario), {
    known: known(),
    clients: 50,
    durationNs: 10e9,
    pollIntervalsNs: undefined,
    warmUpNs: 3e9,
    seed: 1,
    course: { blocks: 1, budgetNs: undefined, target: undefined },
    ...change,
  });
}

test('a machine that is not this one is loaded where its user says so, and within bounds', () => {
  const refusal = (plan: ScenarioPlan, isAllowed: boolean) => () => checkConsent([plan], SERVER, isAllowed);
  expect(refusal(planOf(), false)).toThrow(/198\.51\.100\.7\) is not this machine: say --i-may-load-this-host/);
  expect(refusal(planOf(), true)).not.toThrow();
  expect(refusal(planOf({ clients: 1000 }), true)).not.toThrow();
  expect(refusal(planOf({ clients: 1001 }), true)).toThrow(
    /1001 clients, and 1000 are the most .*choose --clients 1000/,
  );
  expect(refusal(planOf({ durationNs: 600e9 }), true)).toThrow(
    /and 10 min 00 s are the most .*choose a shorter --duration/,
  );
});

test('this one is loaded as its user likes', () => {
  const here = { ...SERVER, address: { ...ADDRESS, isLoopback: true } };
  expect(() => checkConsent([planOf({ clients: 1001, durationNs: 600e9 })], here, false)).not.toThrow();
});

test('what it will get is said', () => {
  expect(loadLines([planOf()], SERVER)).toEqual([
    'To mine at ws://chat.example:80/ (198.51.100.7, port 80), and nobody else:',
    expect.stringMatching(
      /^ {2}ticker: 50 clients, and one that publishes 20\.0 messages\/s of 200 B and more: 1,000 deliveries\/s, some 200 kB\/s from it, for about \d+\.\d s in all$/,
    ),
  ]);
  expect(loadLines([planOf()], { ...SERVER, isPublishedTo: false })[1]).toMatch(
    /50 clients that listen to the feed of the server/,
  );
});

test('what may be secret in its address is said nowhere', () => {
  const server = { ...SERVER, address: { ...ADDRESS, url: 'ws://ann:s3cret@chat.example/?token=QQ' } };
  const said = [...loadLines([planOf()], server), messageOf(() => checkConsent([planOf()], server, false))].join();
  expect(said).toContain('ws://…@chat.example/?token=…');
  expect(said).not.toMatch(/s3cret|QQ/);
  const alone = { target: { address: 'ws://ann:s3cret@h/?token=QQ' } } as RunOptions;
  expect(messageOf(() => foreignOf(alone))).toMatch(/^--target ws:\/\/…@h\/\?token=…: say with --adapter/);
});

test('consent without a server is refused', () => {
  expect(() => foreignOf({ iMayLoadThisHost: true } as RunOptions)).toThrow(
    /--i-may-load-this-host is of a server of your own: say with --target/,
  );
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return errorMessage(error);
  }
  throw new TypeError('it went well');
}

test('who polls does so at each interval that is asked for, others at none', () => {
  const values = (plan: ScenarioPlan): object[] => plan.cells.map(({ variant }) => variant.values);
  expect(values(planOf({ known: known({ nearest: 'polling' }), pollIntervalsNs: [1e9, 3e9] }))).toEqual([
    { pollIntervalNs: 1e9 },
    { pollIntervalNs: 3e9 },
  ]);
  expect(values(planOf({ pollIntervalsNs: [1e9] }))).toEqual([{}]);
});

test.each([
  ['chat', /for some clients alone/],
  ['idle', /nothing is said in it/],
  ['storm', /not ours to strike/],
])('a feed such as that of %s cannot go through it', (scenario, why) => {
  expect(() => planOf({}, scenario)).toThrow(why);
});
