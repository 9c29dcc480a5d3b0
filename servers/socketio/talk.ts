import { z } from 'zod';
import { type Answer, isAnswer } from '../../scenarios/feed/signal.ts';
import type { Answered, SessionCommand, SessionOptions } from '../transport.ts';
import { type MemberRequest, memberRequest } from '../hub/member-request.ts';
import { COMMAND_EVENT } from './event.ts';

/** `43`, the number of the event, and what is acknowledged with it. */
const ACKNOWLEDGEMENT = /^43(\d{1,15})\[(.*)\]$/s;

/** What a server that remembers sessions is shown: which one, and the last event that its client had. Empty: there is none. */
const rememberedSchema = z.strictObject({ pid: z.string(), offset: z.string() });

export type Remembered = z.output<typeof rememberedSchema>;

/** What a client says: at CONNECT who it is, and then its commands, whose acknowledgements are the answers. */
export class Talk {
  /** Where it is said who asks, and what for. */
  readonly request: MemberRequest;
  /** The packet CONNECT. */
  readonly connect: string;
  readonly #answered = new Map<number, Answered>();
  #lastId = 0;

  constructor({ member, values, remembered }: Pick<SessionOptions, 'member' | 'values' | 'remembered'>) {
    this.request = memberRequest(member, values.auth);
    const { says: token } = this.request;
    const said = {
      ...(token !== undefined && { token }),
      ...(remembered !== undefined && parseRemembered(remembered)),
    };
    this.connect = Object.keys(said).length === 0 ? '40' : `40${JSON.stringify(said)}`;
  }

  /** The packet of a command, whose answer is told. */
  command(command: SessionCommand, answered: Answered): string {
    this.#lastId += 1;
    this.#answered.set(this.#lastId, answered);
    return `42${this.#lastId}["${COMMAND_EVENT}",${JSON.stringify(command)}]`;
  }

  /** False where the packet acknowledges nothing that was said. */
  acknowledge(packet: Buffer, receivedNs: number): boolean {
    const [, id = '', text = ''] = ACKNOWLEDGEMENT.exec(packet.toString()) ?? [];
    const answered = this.#answered.get(Number(id));
    const answer = answerIn(text);
    if (answered === undefined || answer === undefined) return false;
    this.#answered.delete(Number(id));
    answered(answer, receivedNs);
    return true;
  }
}

/** As a session hands it to the next one of its client. */
export function parseRemembered(text: string): Remembered {
  return rememberedSchema.parse(JSON.parse(text));
}

function answerIn(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && isAnswer(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
