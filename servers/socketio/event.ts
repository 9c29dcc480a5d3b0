import { encodeBinary } from '../../scenarios/feed/binary-message.ts';
import type { ValueOf } from '../../scenarios/dimensions.ts';
import type { Entry } from '../feed/log.ts';

/** The event in which the feed comes. */
export const EVENT = 'm';
/** The event in which a server says what is not numbered: a signal, as an object. */
export const SIGNAL_EVENT = 'signal';
/** The event in which a client says a command, an object; its acknowledgement is the answer. */
export const COMMAND_EVENT = 'command';

/** An entry as the argument of the event. */
export interface EventForm {
  /** What the library is given; undefined where it would not write the entry as it is. */
  argument(entry: Entry): unknown;
  /** The packets that come of it. */
  packets(entry: Entry): readonly Packet[];
}

export type Packet = string | Buffer;

export const EVENT_FORMS: Readonly<Record<ValueOf<'frames'>, EventForm>> = {
  text: {
    argument: (entry) => valueOf(entry.toString()),
    packets: (entry) => [`2["${EVENT}",${entry.toString()}]`],
  },
  binary: {
    argument: encodeBinary,
    packets: (entry) => [`51-["${EVENT}",{"_placeholder":true,"num":0}]`, encodeBinary(entry)],
  },
};

/** The packet of a signal that is encoded already. */
export function signalPacket(signal: Buffer): Packet {
  return `2["${SIGNAL_EVENT}",${signal.toString()}]`;
}

/** No value has the text of `1.0`, of numbers beyond what a double holds, of keys that are numbers and out of order. */
function valueOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
