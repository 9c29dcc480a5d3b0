import { expect, test } from 'vitest';
import type { Result } from '../../../scenarios/result/result.ts';
import { buildReport } from '../../report/report.ts';
import { sampleCampaign } from '../../testing/sample-campaign.ts';
import { sampleResult, websocketTrial } from '../../testing/sample-result.ts';
import { audit } from '../audit.ts';
import { variants } from './variants.ts';

function textOf(section: typeof variants, result: Result): string {
  return section(buildReport(result))?.text ?? '';
}

/** Of each variant what its rows say, without markup. */
function bodiesOf(text: string): string[] {
  const bodies = [...text.matchAll(/<tbody data-group="[^"]*">([\s\S]*?)<\/tbody>/g)];
  return bodies.map(([, body = '']) => wordsOf(body));
}

function wordsOf(markup: string): string {
  return markup
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+(?=,)/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

test('a variant is a body of its own, with a row for each of its trials; the copy of the control is none', () => {
  const text = textOf(variants, sampleCampaign({ trials: 3, variants: 5, isRepeated: false }));
  const bodies = bodiesOf(text);
  expect(bodies).toHaveLength(5);
  for (const body of bodies) expect(body.match(/\btrial \d\b/g)).toEqual(['trial 1', 'trial 2', 'trial 3']);
});

test('a trial that was measured again, one that failed and one of a half block say so, and are counted at the name', () => {
  const bodies = bodiesOf(
    textOf(variants, sampleCampaign({ trials: 2, isRepeated: true, hasFailed: true, isHalfDone: true })),
  );
  const all = bodies.join('\n');
  expect(all).toContain('suspect, replaced: not counted');
  expect(all).toContain('measured again');
  expect(all).toContain('its block is not whole: not counted');
  const [name = '', trials = ''] = (bodies.at(-1) ?? '').split(/\d trials/);
  expect(name).toContain('1 failed');
  expect(trials).toContain('failed: node 1 ended with code 1');
});

test('what is the same in all rows is a sentence; where it is not, a column', () => {
  const same = textOf(variants, sampleCampaign());
  expect(wordsOf(same)).toContain('Each held 50 connections and delivered 1,000 messages a second.');
  expect(same).not.toContain('data-label="connections"');
  const [first, second] = [websocketTrial(), websocketTrial()];
  const fewer = second.gaugesPerBin.connections?.map((count) => (count ?? 0) - 1) ?? [];
  const other = { ...second, trial: 2, gaugesPerBin: { connections: fewer } };
  const differing = textOf(variants, sampleResult({ trials: [first, other] }));
  expect(differing).toContain('data-label="connections"');
  expect(wordsOf(differing)).toContain('Each delivered 1,000 messages a second.');
});

test('a percentile that too few messages support is marked, and says how many there were', () => {
  const [trial] = sampleCampaign({ trials: 1, variants: 1 }).trials;
  const few = trial?.state === 'measured' ? { ...trial, dueInWindow: 30 } : undefined;
  const text = wordsOf(textOf(variants, sampleResult({ trials: few === undefined ? [] : [few] })));
  expect(text).toMatch(/≈ 1\.8\d s/);
  expect(text).toContain('30 messages support percentiles up to 66.6');
});

test('an audit without a fault is a sentence; otherwise the trials at fault stand in a table', () => {
  const well = textOf(audit, sampleCampaign({ variants: 3 }));
  expect(wordsOf(well)).toContain('Yes, in each of');
  expect(well.replace(/<details>[\s\S]*?<\/details>/, '')).not.toContain('<table');
  const faulty = { ...websocketTrial(), trial: 2 };
  const lost = { ...faulty, audit: { ...faulty.audit, received: faulty.audit.received - 4, lost: 4 } };
  const text = textOf(audit, sampleResult({ trials: [websocketTrial(), lost] }));
  const table = text.replace(/<details>[\s\S]*?<\/details>/, '');
  expect(wordsOf(text)).toContain('Not in 1 of 2 trials: 46,000 messages expected, 45,996 received.');
  expect(table.match(/<tr data-group/g)).toHaveLength(1);
  expect(table).toContain('data-label="lost">4<');
});
