import type { FastifyRequest } from 'fastify';
import { encodeNotice } from '../../scenarios/feed/message.ts';
import type { Entry } from '../feed/log.ts';
import type { PollAnswer } from '../wire/http-answer.ts';
import { judgeShown, stateTag } from './state-tag.ts';

/** What a node has at a moment: the newest of each key. */
export interface FeedState {
  /** How far the feed is. */
  readonly seq: number;
  /** From this number on nothing is missing that was not replaced; 1 where it is whole. */
  readonly oldest: number;
  /** How far the node is by now, where the state was read a while ago. */
  readonly reached: number;
  /** All of it, behind what somebody is told first. */
  behind(first: readonly Entry[]): PollAnswer;
}

/** Hands the state of that moment to `use`, before anything else can happen to it. */
export type ReadState = <T>(use: (state: FeedState) => T) => Promise<T>;

/** What becomes of a request for a state. */
export interface StateAnswer {
  readonly tag: string;
  /** Undefined: the client has it. */
  readonly body: PollAnswer | undefined;
  /** Whether everybody gets the same; otherwise it is for this client, at this moment. */
  readonly isForAll: boolean;
}

/**
 * Who shows a tag that this node does not go on from is told so before all else: it would go back in time otherwise, and not know.
 */
export function answerState(
  { headers }: Pick<FastifyRequest, 'headers'>,
  state: FeedState,
  { identity, first }: { readonly identity: string; readonly first: readonly Entry[] },
): StateAnswer {
  const { seq, oldest, reached } = state;
  const name = { identity, seq, oldest, reached };
  const ifNoneMatch = headers['if-none-match'];
  const shown = ifNoneMatch === undefined ? undefined : judgeShown(ifNoneMatch, name);
  if (shown?.kind === 'same') return { tag: shown.tag, body: undefined, isForAll: true };
  const told = shown?.kind === 'void' ? [...first, encodeNotice({ notice: 'reset', latest: seq })] : first;
  return { tag: stateTag(name), body: state.behind(told), isForAll: told.length === 0 };
}
