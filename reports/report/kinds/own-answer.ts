import type { Field } from '../answer/field.ts';
import { sentence } from '../answer/phrases.ts';
import type { Group } from '../groups.ts';
import { comebackTexts } from './comeback.ts';
import { seenText } from './seen.ts';
import { streamTexts } from './stream-texts.ts';

/** What a scenario asks before anybody asks who was freshest, answered in sentences of which the first stands alone. */
export interface OwnAnswer {
  readonly texts: readonly string[];
  /** Freshness is a question beside it. */
  readonly isRankedToo: boolean;
}

/** Undefined where freshness and what it costs are all that is asked. */
export function ownAnswer(field: Field, groups: readonly Group[]): OwnAnswer | undefined {
  const { feed, faults } = field.report.result.workload;
  const answers: readonly OwnAnswer[] = [
    { texts: faults.length > 0 ? comebackTexts(field, groups) : [], isRankedToo: false },
    { texts: feed.kind === 'streams' ? streamTexts(field, feed) : [], isRankedToo: true },
    { texts: feed.kind === 'conversation' ? talkTexts(field) : [], isRankedToo: true },
  ];
  return answers.find(({ texts }) => texts.length > 0);
}

/** Who hears how soon what people say, and when those know that it is said. */
function talkTexts(field: Field): string[] {
  const heard = seenText(field, 'staleness.p50');
  const known = seenText(field, 'acknowledgement.p50');
  if (heard === undefined) return [];
  const knew = known === undefined ? '' : `; who said it knew after ${known}`;
  return [sentence(`What people said could be read after ${heard}${knew}`)];
}
