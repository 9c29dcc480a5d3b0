import { waysToPollOf } from '../polling/ways-to-poll.ts';
import type { Report } from '../report.ts';
import { type Doubt, doubtsOf } from './doubts.ts';
import { fieldOf } from './field.ts';
import { reasonsOf } from './reasons.ts';
import { unrankedOf } from './unranked.ts';
import { standingOf } from './standing.ts';
import { type Tile, tilesOf } from './tiles.ts';
import { isReservation, type Standings, verdictOf } from './verdict.ts';

/** What a report comes to, in plain sentences: the page, the terminal, summaries and the index take them from here. */
export interface Answer {
  /** One or two sentences, what to choose; a third where they must be doubted. The first stands alone. */
  readonly verdict: readonly string[];
  /** Why, and what else was compared; the largest difference first. */
  readonly reasons: readonly string[];
  /** What is wrong first. */
  readonly doubts: readonly Doubt[];
  readonly tiles: readonly Tile[];
}

/** In a line, for where there is room for no more: the first sentence, and what must be doubted of it. */
export function headlineOf(verdict: Answer['verdict']): string {
  return verdict.filter((sentence, index) => index === 0 || isReservation(sentence)).join(' ');
}

export function answerOf(report: Report): Answer {
  const field = fieldOf(report);
  const standings: Standings = {
    freshness: standingOf(field, 'staleness.p50'),
    bytes: standingOf(field, 'bytes.wire'),
  };
  return {
    verdict: verdictOf(field, standings),
    reasons: [...reasonsOf(field, standings), ...(waysToPollOf(report)?.headlines ?? [])],
    doubts: [...doubtsOf(report, field), ...unrankedOf(field, standings.freshness)],
    tiles: tilesOf(field),
  };
}
