/**
 * What a server says to whoever is there at the moment: in the place of a message, not numbered, kept nowhere, and not
 * repeated to who comes back. No message and no notice has the field `signal`.
 */
export type Signal =
  /** The first that a client is told: who it is taken for, how many users are online, and the newest number. */
  | {
      readonly signal: 'welcome';
      readonly user: string | null;
      readonly online: number | null;
      readonly latest: number;
    }
  /** To whoever showed a token, wherever that was: it is good, and what the client says from now on is taken. */
  | { readonly signal: 'auth_success'; readonly user: string }
  /** Somebody is writing there. */
  | { readonly signal: 'typing'; readonly channel: string; readonly from: string }
  /** What became of a command (command.ts), on a connection that has no answers of its own; `id` is null where it had none. */
  | ({ readonly signal: 'answer'; readonly id: number | null } & Answer);

/** What becomes of a command. */
export type Answer = Accepted | Rejected;

interface Accepted {
  /**
   * Of what was said, its number in the log. Of a channel that was joined or left, the number behind which its messages come,
   * or no longer come. Null where nothing is numbered, or the number is not known any more.
   */
  readonly seq: number | null;
  /** It had been said before: it is in the log once. */
  readonly again?: true;
}

export interface Rejected {
  readonly error: string;
  readonly reason: RejectionReason;
}

/** Why a command is not done: what it is, in words that follow "it". */
export const REJECTIONS = {
  malformed: 'is not what a command looks like',
  forbidden: 'may not be done by this client',
  'out-of-order': 'is not the next of its sender in that channel',
  'too-many': 'follows too much, or says too much at once',
  unavailable: 'cannot be kept at the moment: it may be said again',
} as const;

export type RejectionReason = keyof typeof REJECTIONS;

export function isAccepted(answer: Answer): answer is Accepted {
  return 'seq' in answer;
}

export function rejected(reason: RejectionReason): Rejected {
  return { error: `the command ${REJECTIONS[reason]}`, reason };
}

export function encodeSignal(signal: Signal): Buffer {
  return Buffer.from(JSON.stringify(signal));
}

/** Undefined where the bytes are no signal. */
export function readSignal(bytes: Buffer): Signal | undefined {
  const value = parsed(bytes);
  return isSignal(value) ? value : undefined;
}

/** An answer that comes by itself, where the transport has some; undefined where the bytes are none. */
export function readAnswer(bytes: Buffer): Answer | undefined {
  const value = parsed(bytes);
  return typeof value === 'object' && value !== null && isAnswer(value) ? value : undefined;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** Whoever has the signal checks its kind alone: no decision rests on what is in it but for answers. */
function isSignal(value: unknown): value is Signal {
  if (typeof value !== 'object' || value === null || !('signal' in value)) return false;
  switch (value.signal) {
    case 'welcome':
      return 'latest' in value && Number.isSafeInteger(value.latest);
    case 'auth_success':
      return 'user' in value && typeof value.user === 'string';
    case 'typing':
      return 'channel' in value && 'from' in value && typeof value.from === 'string';
    case 'answer':
      return 'id' in value && (value.id === null || Number.isSafeInteger(value.id)) && isAnswer(value);
    default:
      return false;
  }
}

export function isAnswer(value: object): value is Answer {
  if ('seq' in value) return value.seq === null || Number.isSafeInteger(value.seq);
  return 'error' in value && typeof value.error === 'string' && 'reason' in value && isReason(value.reason);
}

function isReason(value: unknown): value is RejectionReason {
  return typeof value === 'string' && Object.hasOwn(REJECTIONS, value);
}
