import { expect, test } from 'vitest';
import { buildReport } from '../report/report.ts';
import { sampleResult, websocketTrial } from '../testing/sample-result.ts';
import { judgeAssertion } from './judgement.ts';
import { renderMarkdown } from './markdown.ts';
import { parseAssertion } from './rule.ts';

test('a summary has what broke, the variants and the doubts, and no name is taken for markup', () => {
  const result = sampleResult({
    partial: false,
    trials: [websocketTrial()],
    workload: { ...sampleResult().workload, name: 'a|b *c* <d>\n# @e `f`' },
  });
  const report = buildReport(result);
  const judgements = ['*.bytes.wire < 1kB', 'websocket/memory.staleness.p95 < 1us'].flatMap((text) =>
    judgeAssertion(report, parseAssertion(text)),
  );
  const text = renderMarkdown({ runs: [{ report, judgements }] });
  expect(text.split('\n')[0]).toBe(
    String.raw`### feedbench: a\|b \*c\* &lt;d&gt; &#35; &#64;e \`f\`, 2026-05-17 14:23 UTC`,
  );
  expect(text).toContain(String.raw`**1 of 2 assertions did not hold.**

|  | assertion | variant | found |
| --- | :--- | :--- | :--- |
| held | ${'`*.bytes.wire < 1kB`'} | WebSocket, memory | 436 B \(one trial\) |
| **failed** | ${'`websocket/memory.staleness.p95 < 1us`'} | WebSocket, memory | `);
  expect(text).toMatch(
    /\n\| variant \| staleness p50 \| staleness p95 \| wire bytes per message \| server CPU per message \| server memory \|\n\| --- \| ---: \| ---: \| ---: \| ---: \| ---: \|\n\| WebSocket, memory \| [\d.]+ (?:ms|µs) \|/,
  );
});
