import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildReport } from './report/report.ts';
import { sampleCampaign } from './testing/sample-campaign.ts';
import { sampleResult, websocketTrial } from './testing/sample-result.ts';
import { csvField, renderSummaryCsv } from './summary-csv.ts';

function renderSample(): string {
  return renderSummaryCsv(buildReport(sampleResult()));
}

/** Just enough of RFC 4180 to read back what was written. */
function parseLine(line: string): string[] {
  return [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

test('the whole file', async () => {
  await expect(renderSample()).toMatchFileSnapshot('golden/summary.csv');
});

test('the columns are those that notebooks and CI rely on', () => {
  expect(renderSample().split('\n')[0]).toBe(
    'scenario,transport,backplane,nodes,clients,trial,metric,unit,value,generator,note,headers,poll_interval_ns,frames,compression,shape,retry,deliver,auth,reconnect,recovery,ask,origin,cache,keepalive,http,balancer,tuning,link,delay_ns,rate,loss,tls,resumption,copy,attempt,counts',
  );
});

test('every trial has every metric once, failed ones too', () => {
  const rows = renderSample().trimEnd().split('\n').slice(1).map(parseLine);
  const byTrial = Map.groupBy(rows, (row) => row.slice(0, 4).join(' '));
  const metrics = [...byTrial.values()].map((own) => own.map((row) => row[6]));
  expect(metrics).toHaveLength(5);
  for (const own of metrics) {
    expect(own).toEqual(metrics[0]);
    expect(new Set(own).size).toBe(own.length);
  }
  const failed = byTrial.get('sample polling redis 3') ?? [];
  expect(failed.map((row) => row[8])).toEqual(['1', ...Array.from({ length: failed.length - 1 }, () => 'n/a')]);
});

test('a trial with fewer clients than the scenario has is in it too', () => {
  const light = { ...websocketTrial(), clients: 2 };
  const report = buildReport(sampleResult({ trials: [websocketTrial(), light] }));
  expect(renderSummaryCsv(report)).toMatch(/^sample,websocket,memory,1,2,1,/m);
});

test('what nobody saw of the servers is n/a with its reason', () => {
  const trial = websocketTrial();
  const reason = 'the server is not one of this run';
  const unseen = {
    ...trial,
    processes: trial.processes.filter(({ role }) => role !== 'node'),
    ramp: { ...trial.ramp, serverCpuNs: null },
    unwatched: { node: reason },
  };
  const rows = renderSummaryCsv(buildReport(sampleResult({ trials: [unseen] })))
    .split('\n')
    .map(parseLine);
  const told = rows.filter(([, , , , , , metric]) => metric === 'ramp_server_cpu' || metric === 'rss_max_node');
  expect(told.map((row) => [row[8], row[10]])).toEqual([
    ['n/a', reason],
    ['n/a', reason],
  ]);
});

test('a value is a plain number or n/a', () => {
  for (const line of renderSample().trimEnd().split('\n').slice(1)) {
    expect(parseLine(line)[8]).toMatch(/^(n\/a|-?\d+(\.\d+)?(e-\d+)?)$/);
  }
});

test('names with commas, quotes and line breaks come back as they were', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string().filter((text) => !/[\r\n]/.test(text)),
        { minLength: 1 },
      ),
      (fields) => {
        expect(parseLine(fields.map(csvField).join(','))).toEqual(fields);
      },
    ),
  );
  expect(csvField('two\nlines')).toBe('"two\nlines"');
});

test('what came later is appended: the generator, the dimensions, n/a where a variant has none, and what it was in a campaign', () => {
  const trial = { ...websocketTrial(), generator: 'a, "b"' };
  const lines = renderSummaryCsv(buildReport(sampleResult({ trials: [trial] })))
    .trimEnd()
    .split('\n');
  expect(parseLine(lines[1] ?? '').slice(9)).toEqual([
    'a, "b"',
    '',
    'browser',
    ...Array.from({ length: 14 }, () => 'n/a'),
    // Of the path also what is usual.
    'none',
    'n/a',
    'none',
    '0',
    '0',
    '0',
    'off',
    'n/a',
    '0',
    '1',
    '1',
  ]);
});

test('the note says why a value is n/a, why a trial failed, and of what it is suspect, with the remedy', () => {
  const rows = renderSample().trimEnd().split('\n').slice(1).map(parseLine);
  const noteOf = (transport: string, backplane: string, metric: string): string | undefined =>
    rows.find((row) => row[1] === transport && row[2] === backplane && row[6] === metric)?.[10];
  expect(noteOf('polling', 'memory', 'backplane_bytes')).toBe('');
  expect(noteOf('polling', 'memory', 'gaps_filled')).toBe('the nodes of the sample do not tell');
  expect(noteOf('polling', 'redis', 'failed')).toMatch(/^Redis stopped answering/);
  expect(noteOf('websocket', 'redis', 'suspect_busy')).toBe(
    'worker 1: event loop busy 83 % of the time, more than 70 % (ask for fewer clients, or give the generator more cores)',
  );
  expect(noteOf('websocket', 'memory', 'suspect_busy')).toBe('');
});

describe('of a campaign', () => {
  const report = buildReport(sampleCampaign({ isHalfDone: true, hasFailed: true }));
  const [head = [], ...rows] = renderSummaryCsv(report).trimEnd().split('\n').map(parseLine);
  const columnOf = (name: string) => (row: readonly string[]) => row[head.indexOf(name)];
  const [metric, trial, copy, attempt, counts] = ['metric', 'trial', 'copy', 'attempt', 'counts'].map(columnOf);
  const trialsWith = (is: (row: readonly string[]) => boolean): number =>
    rows.filter((row) => metric?.(row) === 'failed' && is(row)).length;

  test('every trial tells its block, whether it is the copy, and which attempt', () => {
    expect(trialsWith(() => true)).toBe(report.all.length);
    expect(trialsWith((row) => trial?.(row) === '4')).toBe(2);
    expect(trialsWith((row) => copy?.(row) === '1')).toBe(report.all.filter((row) => row.trial.copy).length);
    expect(trialsWith((row) => attempt?.(row) === '2')).toBe(1);
  });

  test('what counts are the trials behind the figures of variants', () => {
    const counting = report.groups.flatMap((group) => group.counting);
    expect(trialsWith((row) => counts?.(row) === '1')).toBe(counting.length);
    expect(counting.length).toBeLessThan(report.all.length);
    expect(trialsWith((row) => counts?.(row) === '1' && trial?.(row) === '4')).toBe(0);
  });
});
