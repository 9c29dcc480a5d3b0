import { expect, test } from 'vitest';
import { loadWorkload, workloadNames } from '../scenarios/feed/workload.ts';
import { scenarioOptions } from './scenario-options.ts';

test('options are read as the command line reads them', () => {
  const options = { transport: 'polling, ws', backplane: 'redis', nodes: '3, 5', headers: 'minimal' };
  const first = {
    transports: ['polling', 'websocket'],
    backplanes: ['redis'],
    preset: { nodes: [3, 5], headers: ['minimal'] },
  };
  const nothing = { transports: undefined, backplanes: undefined, preset: {} };
  expect(scenarioOptions({ name: 'mine', options: [options] })).toEqual([first]);
  expect(scenarioOptions({ name: 'mine', options: [{}, options] })).toEqual([nothing, first]);
  expect(scenarioOptions({ name: 'mine' })).toEqual([nothing]);
});

test.each<[Record<string, string>, RegExp]>([
  [{ transport: 'pigeons' }, /^scenario mine: options\.transport: there is no "pigeons"; there are polling, /],
  [{ backplane: 'memory,' }, /^scenario mine: options\.backplane: there is no ""; there are memory, redis/],
  [{ colour: 'red' }, /^scenario mine: options\.colour: there are transport, backplane, nodes, headers, poll/],
  [{ headers: 'all' }, /^scenario mine: options\.headers: there is no "all"; there are browser, minimal$/],
  [{ nodes: '0' }, /^scenario mine: options\.nodes: "0" is not a whole number from 1 to 64$/],
  [
    { transport: 'polling, sse', frames: 'text, binary' },
    /^scenario mine: options\.frames binary: polling and sse have no such thing; choose websocket or socketio, or leave it out$/,
  ],
  [{ backplane: 'memory', nodes: '3' }, /^scenario mine: options\.nodes 3: memory has no such thing; choose redis or /],
])('%j is refused with its place and what there is', (options, says) => {
  const parse = (): unknown => scenarioOptions({ name: 'mine', options: [options] });
  expect(parse).toThrow(says);
  expect(parse).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
});

test('of several entries the wrong one is named', () => {
  expect(() => scenarioOptions({ name: 'mine', options: [{}, { nodes: '0' }] })).toThrow(
    /^scenario mine: options\.1\.nodes/,
  );
});

test.each(workloadNames())('the options of %s are such that a run takes them', (name) => {
  expect(() => scenarioOptions(loadWorkload(name))).not.toThrow();
});
