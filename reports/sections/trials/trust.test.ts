import { expect, test } from 'vitest';
import type { Result, Trial } from '../../../scenarios/result/result.ts';
import { buildReport } from '../../report/report.ts';
import { sampleCampaign } from '../../testing/sample-campaign.ts';
import { sampleResult, websocketTrial } from '../../testing/sample-result.ts';
import { trust } from './trust.ts';

function textOf(result: Result): string {
  return trust(buildReport(result))?.text ?? '';
}

/** What each square says to who does not see it, line by line. */
function squaresOf(text: string): string[][] {
  const lines = text.split('<li><span>').slice(1);
  return lines.map((line) => [...line.matchAll(/<span class="spoken">([^<]*)</g)].map(([, said = '']) => said));
}

function wordsOf(markup: string): string {
  return markup.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

test('every trial is a square, in the order in which it ran, a line a block', () => {
  const result = sampleCampaign({ trials: 2, variants: 4, isRepeated: true });
  const [first = [], second = [], ...more] = squaresOf(textOf(result));
  expect(more).toEqual([]);
  expect([first.length, second.length]).toEqual([6, 5]);
  const transports = (trials: readonly Trial[]): string[] =>
    trials.map(({ variant }) => result.transports[variant.transport]?.label ?? '');
  const inOrder = transports(result.trials.filter(({ trial }) => trial === 1));
  expect(first.map((said) => said.split(',')[0])).toEqual(inOrder);
});

test('where all is well, a sentence says so, and no square is marked but the control', () => {
  const text = textOf(sampleCampaign({ isRepeated: false }));
  expect(wordsOf(text)).toContain('All 18 trials are trusted.');
  expect(text).not.toContain('doubtful');
  expect([...text.matchAll(/<sup[^>]*>([^<]*)</g)].map(([, letter]) => letter)).toEqual(Array(6).fill('A'));
  expect(wordsOf(text)).not.toContain('suspect');
});

test('what was measured again, failed, or is of half a block is marked, and the key says what the marks mean', () => {
  const text = textOf(sampleCampaign({ trials: 2, isRepeated: true, hasFailed: true, isHalfDone: true }));
  expect(text).toMatch(/class="square doubtful"[^>]*title="[^"]*suspect, replaced: not counted"/);
  expect(text).toMatch(/class="square wrong"[^>]*title="[^"]*failed: node 1 ended with code 1"/);
  expect(wordsOf(text)).toContain('×: failed; !: suspect; ↻: measured again, and replaced; ½: cut short');
  expect(wordsOf(text)).toContain('the hypervisor ran other machines for 6.0 % of a core');
});

test('the control is red where its interval leaves out 1', () => {
  const calm = textOf(sampleCampaign({ trials: 5 }));
  expect(wordsOf(calm)).toContain('measured as two: staleness p50');
  expect(wordsOf(calm)).toContain('None leaves out 1');
  const result = sampleCampaign({ trials: 5 });
  const trials = result.trials.map((trial): Trial => {
    if (trial.state === 'failed' || !trial.copy) return trial;
    const wireBytesDown = trial.countersPerBin.wireBytesDown?.map((bytes) => 2 * bytes) ?? [];
    return { ...trial, countersPerBin: { ...trial.countersPerBin, wireBytesDown } };
  });
  const red = textOf({ ...result, trials });
  expect(red).toContain('<dt class="bad">A/A control</dt>');
  expect(red).toMatch(/<span class="bad">wire bytes per message 0\.5/);
  expect(wordsOf(red)).toContain('no difference smaller than that means anything here');
});

test('a run without a campaign has its trials in one line, and no control', () => {
  const text = textOf(sampleResult({ trials: [websocketTrial()] }));
  expect(squaresOf(text)).toHaveLength(1);
  expect(wordsOf(text)).toContain('The one trial is trusted.');
  expect(text).not.toContain('A/A');
  expect(trust(buildReport(sampleResult({ trials: [] })))).toBeUndefined();
});
