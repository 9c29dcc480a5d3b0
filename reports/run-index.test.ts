import { expect, test } from 'vitest';
import { renderRunIndex } from './run-index.ts';
import { sampleResult, websocketTrial } from './testing/sample-result.ts';

test('every trial of a run counts and is audited, also one with fewer clients than the scenario has', () => {
  const lossy = { ...websocketTrial(), clients: 2, audit: { ...websocketTrial().audit, lost: 1 } };
  const result = sampleResult({ partial: false, trials: [websocketTrial(), lossy] });
  const page = renderRunIndex([{ state: 'readable', folder: 'a-run', result }]);
  expect(page).toMatch(/<td[^>]*>2<\/td>/);
  expect(page).toMatch(/failed in 1 trial/);
});
