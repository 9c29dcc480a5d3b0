import type { Result } from '../../scenarios/result/result.ts';
import { sampleCampaign } from './sample-campaign.ts';

/** As large as a page gets, and with names as nobody should choose them. */
export function largestCampaign(): Result {
  const result = sampleCampaign({ trials: 5, variants: 12, isRepeated: true, hasFailed: true, isHalfDone: true });
  const longest = `אבגדה ${'unbroken'.repeat(20)}`;
  return {
    ...result,
    workload: { ...result.workload, name: longest, description: `${longest} מחירים` },
    command: `${result.command} --name '${'x'.repeat(300)}'`,
    environment: { ...result.environment, [`kernel.${'long'.repeat(40)}`]: 'v'.repeat(300) },
  };
}
