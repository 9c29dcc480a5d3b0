import { z } from 'zod';
import { isChannel } from './channels.ts';

/**
 * What a client says to its server, as JSON: `{"type":"send","channel":"room:3","data":"hello"}`. How it is carried is the
 * transport's: a frame, an event with an acknowledgement, the body of a POST. `id` names the answer on a connection that has
 * none of its own.
 */
const id = z.int().min(0).optional();
const channel = z
  .string()
  .refine(isChannel, { error: 'a channel has 1 to 64 letters, digits, "-", ".", "_", "~", ":"' });
const time = z.int().min(0);

const commandSchema = z.discriminatedUnion('type', [
  /** Who a client is, where its connection did not tell. */
  z.strictObject({ type: z.literal('auth'), id, token: z.string().min(1) }),
  z.strictObject({
    type: z.literal('send'),
    id,
    channel,
    /**
     * The sender's own number in that channel, from 1 on without holes: what is said again under it, because no answer came,
     * is in the log once. Absent: whoever writes by hand has the next one.
     */
    n: z
      .int()
      .min(1)
      .max(2 ** 32 - 1)
      .optional(),
    /** When it was due to be said, and when it was, on the nodes' monotonic clock; absent: now. */
    dueNs: time.optional(),
    publishedNs: time.optional(),
    data: z.custom<z.core.util.JSONType>(isJson),
  }),
  z.strictObject({ type: z.literal('join'), id, channel }),
  z.strictObject({ type: z.literal('leave'), id, channel }),
  /** Told to who follows the channel at the moment, and kept nowhere. */
  z.strictObject({ type: z.literal('typing'), id, channel }),
]);

export type Command = z.output<typeof commandSchema>;
export type SendCommand = Extract<Command, { type: 'send' }>;

/** What JSON can say, as it was parsed: a copy would leave out the key `__proto__`. */
function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value === 'object' && value !== null)
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/** Whether it does no harm twice: what has its sender's number is in the log once, however often it is said. */
export function mayRepeat(command: Command): boolean {
  return command.type !== 'send' || command.n !== undefined;
}

/** Bytes of a command at most. */
export const MOST_COMMAND_BYTES = 64 * 1024;

/** The command, or in words what is wrong with it; never more of it than the path of a field. */
export function parseCommand(text: string): Command | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'a command is JSON, such as {"type":"send","channel":"room:1","data":"hello"}';
  }
  return commandOf(value);
}

/** The same of what a library has parsed. */
export function commandOf(value: unknown): Command | string {
  const parsed = checked(value);
  if (parsed === undefined) return "a command's data is nested too deeply";
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  return `a command's ${path === '' ? 'fields' : path} cannot be so; its types are send, join, leave, typing and auth`;
}

/** Undefined where the value is nested deeper than the stack, which 64 KiB are enough for: a client must not end a node. */
function checked(value: unknown): ReturnType<typeof commandSchema.safeParse> | undefined {
  try {
    return commandSchema.safeParse(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
