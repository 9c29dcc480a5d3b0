import { momentText } from '../figures/wording.ts';
import { amountsText, callOf, resultText, runText, wordsOf } from './comparison-words.ts';
import type { ComparedVariant, PlacedChange, RunComparison } from './run-comparison.ts';

/** A comparison in lines: what it comes to, then every figure. */
export function terminalComparison(comparison: RunComparison): string {
  const { runs, variants, differences } = comparison;
  const { verdict, doubts } = wordsOf(comparison);
  return [
    ...runs.map((run) => runText(run, momentText)),
    '',
    ...verdict,
    ...doubts.map((doubt) => `! ${doubt}`),
    ...variants.flatMap((variant) => ['', ...variantLines(variant, runs.length > 2)]),
    ...(differences.length === 0 ? [] : ['', 'What else differs:', ...differences.map(differenceLine)]),
  ].join('\n');
}

function variantLines({ named, changes }: ComparedVariant, several: boolean): string[] {
  const names = changes.map(({ metric, run }) => (several ? `${metric.label}, ${run.name}` : metric.label));
  const amounts = changes.map((change) => (change.state === 'compared' ? amountsText(change.metric, change) : ''));
  const widths = [names, amounts].map((texts) => Math.max(...texts.map(({ length }) => length)));
  const line = (change: PlacedChange, index: number): string =>
    `  ${MARKS[callOf(change)]} ${(names[index] ?? '').padEnd(widths[0] ?? 0)}  ${(amounts[index] ?? '').padEnd(widths[1] ?? 0)}  ${resultText(change)}`;
  return [named.label, ...changes.map(line)];
}

const MARKS = { differs: '*', chance: '?', none: ' ', unknown: ' ' } as const;

function differenceLine({ name, values, isCause }: RunComparison['differences'][number]): string {
  return `  ${isCause ? '*' : ' '} ${name}: ${values.join(' → ')}`;
}
