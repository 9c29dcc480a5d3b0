import { expect, test } from 'vitest';
import { failedTrial, sampleResult, websocketTrial } from './testing/sample-result.ts';
import { terminalTable } from './terminal-table.ts';

test('the sample in a terminal', async () => {
  await expect(`${terminalTable(sampleResult())}\n`).toMatchFileSnapshot('golden/terminal-table.txt');
});

test('it fits into 100 columns, however long names and reasons are', () => {
  const label = 'A transport with quite an unreasonably long name of its own';
  const transports = { ...sampleResult().transports, websocket: { label, cadence: 'push', framing: [] } } as const;
  const generators = { native: { label: 'native', resolutionNs: 1 }, k6: { label: 'k6', resolutionNs: 1e6 } };
  const trials = [
    websocketTrial(),
    { ...websocketTrial(), generator: 'k6' },
    failedTrial({ transport: 'websocket', backplane: 'redis', values: { nodes: 64 } }),
  ];
  const table = terminalTable(sampleResult({ transports, generators, trials }));
  for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test('a run without trials is a table all the same', () => {
  expect(terminalTable(sampleResult({ trials: [] }))).toContain('variant');
});
