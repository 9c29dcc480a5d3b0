import { expect, test } from 'vitest';
import { sampleCampaign } from './testing/sample-campaign.ts';
import { failedTrial, sampleResult, websocketTrial } from './testing/sample-result.ts';
import { terminalTable } from './terminal-table.ts';

test('the sample in a terminal', async () => {
  await expect(`${terminalTable(sampleResult())}\n`).toMatchFileSnapshot('golden/terminal-table.txt');
});

test.each([
  ['a row a line', 100],
  ['a row two lines', 72],
  ['a figure a line', 40],
])('%s at %i columns', async (_layout, width) => {
  const table = terminalTable(sampleResult(), width);
  await expect(`${table}\n`).toMatchFileSnapshot(`golden/terminal-table-${width}.txt`);
});

test.each([200, 72, 40])('a campaign at %i columns', async (width) => {
  const table = terminalTable(sampleCampaign({ isHalfDone: true, hasFailed: true }), width);
  await expect(`${table}\n`).toMatchFileSnapshot(`golden/terminal-campaign-${width}.txt`);
});

test('a campaign has a row a variant, and its copy in the line of the control alone', () => {
  const rows = terminalTable(sampleCampaign())
    .split('\n')
    .filter((line) => /^[ *!] \S.*, memory {2}/.test(line));
  expect(rows).toHaveLength(5);
  expect(terminalTable(sampleCampaign())).toMatch(
    /^ {2}A\/A, HTTP long-polling, memory measured as two: staleness p50/m,
  );
  expect(terminalTable(sampleResult())).not.toContain('A/A');
});

test('no line is longer than the terminal is wide, however long names and reasons are', () => {
  const label = 'A transport with quite an unreasonably long name of its own';
  const transports = { ...sampleResult().transports, websocket: { label, cadence: 'push', framing: [] } } as const;
  const generators = { native: { label: 'native', resolutionNs: 1 }, k6: { label: 'k6', resolutionNs: 1e6 } };
  const trials = [
    websocketTrial(),
    { ...websocketTrial(), generator: 'k6' },
    failedTrial({ transport: 'websocket', backplane: 'redis', values: { nodes: 64 } }),
  ];
  const result = sampleResult({ transports, generators, trials });
  for (const width of [10, 20, 40, 57, 58, 59, 79, 80, 99, 120, 140, 160, 200]) {
    for (const shown of [result, sampleCampaign({ hasFailed: true })]) {
      const longest = Math.max(
        ...terminalTable(shown, width)
          .split('\n')
          .map((line) => line.length),
      );
      expect(longest).toBeLessThanOrEqual(width);
    }
  }
});

test('without a width nothing is cut', () => {
  const label = 'A transport with quite an unreasonably long name of its own';
  const transports = { ...sampleResult().transports, websocket: { label, cadence: 'push', framing: [] } } as const;
  const table = terminalTable(sampleResult({ transports }));
  expect(table).toContain(label);
  expect(table).not.toContain('…');
});

test('a run without trials is a table all the same', () => {
  expect(terminalTable(sampleResult({ trials: [] }))).toContain('variant');
});
