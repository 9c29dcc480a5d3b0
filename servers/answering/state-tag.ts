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

/** A state as a node has it, which may have been read a while ago. */
interface NodeState extends StateName {
  /** How far the node itself is. */
  readonly reached: number;
}

/**
 * What a client has that shows tags: this very state, or one that the node has reached and will not go back from, under its tag; one
 * that comes before it, or of which nothing is known here; or one that this node does not go on from, because it is behind or the
 * feed is another one.
 */
type Shown = { readonly kind: 'same'; readonly tag: string } | { readonly kind: 'earlier' | 'void' };

/** RFC 9110, section 8.8.3. */
const TAGS = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;
const OWN = /^"([\w-]{12})-(\d{1,15})(?:\.\d{1,15})?"$/;

/** By If-None-Match, which may name several, and compares weakly (RFC 9110, section 13.1.2). */
export function judgeShown(ifNoneMatch: string, state: NodeState): Shown {
  const current = stateTag(state);
  if (ifNoneMatch.trim() === '*') return { kind: 'same', tag: current };
  const tags = Array.from(ifNoneMatch.matchAll(TAGS), ([, tag = '']) => tag);
  if (tags.includes(current)) return { kind: 'same', tag: current };
  const own = tags.flatMap((tag) => {
    const [, identity, seq] = OWN.exec(tag) ?? [];
    return identity === undefined ? [] : [{ tag, isOfFeed: identity === state.identity, seq: Number(seq) }];
  });
  const ofFeed = own.filter(({ isOfFeed }) => isOfFeed);
  const later = ofFeed.filter(({ seq }) => seq > state.seq);
  if (later.some(({ seq }) => seq > state.reached)) return { kind: 'void' };
  const [newer] = later.toSorted((a, b) => b.seq - a.seq);
  if (newer !== undefined) return { kind: 'same', tag: newer.tag };
  return { kind: own.length > 0 && ofFeed.length === 0 ? 'void' : 'earlier' };
}
