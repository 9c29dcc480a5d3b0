import { expect, test } from 'vitest';
import { COMPARED } from '../figures/compared.ts';
import { isAvailable } from '../figures/figure.ts';
import { centreOf, rangeOf } from '../report/groups.ts';
import { buildReport } from '../report/report.ts';
import { sampleCampaign } from '../testing/sample-campaign.ts';
import { bytesBar } from './bytes-by-layer.ts';
import { latencyBar } from './latency-by-stage.ts';
import { serverCpuBar } from './server-cpu.ts';
import { mostOf, stackedBars } from './stacked-bars.ts';
import { drawnGroups } from './subject.ts';

const groups = drawnGroups(buildReport(sampleCampaign()));

const CHARTS = [
  { name: 'bytes', of: bytesBar, metric: 'bytes.wire' },
  { name: 'latency', of: latencyBar, metric: 'staleness.p50' },
  { name: 'server CPU', of: serverCpuBar, metric: 'cpu.server' },
] as const;

/** Per cents, as they are drawn, to a tenth. */
const PRECISION = 0;

test.each(CHARTS)('$name: what is drawn is what the table says, to the right of each other', ({ of, metric }) => {
  const { format } = COMPARED[metric];
  const bars = groups.flatMap((group) => of(group) ?? []);
  const most = mostOf(bars);
  const items = stackedBars({ bars, format }).text.split('<li ').slice(1);
  expect(items).toHaveLength(groups.length);
  for (const [index, group] of groups.entries()) {
    const item = items[index] ?? '';
    const centre = centreOf(group, metric);
    const total = isAvailable(centre) ? centre : Number.NaN;
    expect(item).toContain(`data-group="${group.key}"`);
    expect(/class="total"[^>]*>([^<]*)</.exec(item)?.[1]).toBe(format(total));
    const parts = [...item.matchAll(/<rect class="layer-\d" x="([\d.]+)%" width="([\d.]+)%"/g)];
    const widths = parts.map(([, , width]) => Number(width));
    const sum = widths.reduce((all, width) => all + width, 0);
    expect(sum).toBeCloseTo((100 * total) / most, PRECISION);
    let from = 0;
    for (const [place, [, x]] of parts.entries()) {
      expect(Number(x)).toBeCloseTo(from, PRECISION);
      from += widths[place] ?? 0;
    }
  }
});

test.each(CHARTS)(
  '$name: the range below a bar is that of the trials, and all of it is in words too',
  ({ of, metric }) => {
    const { format } = COMPARED[metric];
    const bars = groups.flatMap((group) => of(group) ?? []);
    const most = mostOf(bars);
    const items = stackedBars({ bars, format }).text.split('<li ').slice(1);
    const drawn = groups.map((group, index) => {
      const [low = 0, high = 0] = rangeOf(group, metric) ?? [];
      const item = items[index] ?? '';
      const line = /class="whisker"><line x1="([\d.]+)%" x2="([\d.]+)%"/.exec(item);
      const text = /<title>(.*?)<\/title>/.exec(item)?.[1];
      return { low, high, line: line?.slice(1).map(Number), text };
    });
    for (const { low, high, line, text } of drawn) {
      const expected = [low, high].map((value) => Math.round((1000 * value) / most) / 10);
      expect(line ?? [expected[0], expected[0]]).toEqual(expected);
      expect(format(low) === format(high) || text?.includes(`trials ${format(low)} to ${format(high)}`)).toBe(true);
    }
  },
);
