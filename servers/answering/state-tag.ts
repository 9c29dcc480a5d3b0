/** What names a state. */
interface StateName {
  /** Of the feed. */
  readonly identity: string;
  /** How far it goes. */
  readonly seq: number;
  /** From this number on nothing is missing that was not replaced; 1 where it is whole. */
  readonly oldest: number;
}

/**
 * The entity tag of a state, `"<identity>-<seq>"`: equal at all nodes of a feed, and different where a feed began anew. A node that
 * was not there from the beginning may lack keys, so the number from which on its state is whole stands behind it.
 */
export function stateTag({ identity, seq, oldest }: StateName): string {
  return `"${identity}-${seq}${oldest > 1 ? `.${oldest}` : ''}"`;
}

/**
 * What a client has that shows tags: this very state; one that comes before it, or one of which nothing is known here; or one that
 * this node does not go on from, because it is behind or the feed is another one.
 */
type Shown = 'same' | 'earlier' | 'void';

/** RFC 9110, section 8.8.3. */
const TAGS = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;
const OWN = /^"([\w-]{12})-(\d{1,15})(?:\.\d{1,15})?"$/;

/** By If-None-Match, which may name several, and compares weakly (RFC 9110, section 13.1.2). */
export function judgeShown(ifNoneMatch: string, state: StateName): Shown {
  if (ifNoneMatch.trim() === '*') return 'same';
  const tags = Array.from(ifNoneMatch.matchAll(TAGS), ([, tag = '']) => tag);
  if (tags.includes(stateTag(state))) return 'same';
  const own = tags.flatMap((tag) => {
    const [, identity, seq] = OWN.exec(tag) ?? [];
    return identity === undefined ? [] : [{ isOfFeed: identity === state.identity, seq: Number(seq) }];
  });
  const ofFeed = own.filter(({ isOfFeed }) => isOfFeed);
  if (ofFeed.some(({ seq }) => seq > state.seq)) return 'void';
  return own.length > 0 && ofFeed.length === 0 ? 'void' : 'earlier';
}
