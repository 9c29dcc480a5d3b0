import type { Socket } from 'socket.io';
import type { Command } from '../../scenarios/feed/command.ts';
import type { Answer } from '../../scenarios/feed/signal.ts';
import { EncodedOnce } from '../feed/encoded-once.ts';
import type { Entry, ReadableLog } from '../feed/log.ts';
import { Outbox } from '../feed/outbox.ts';
import type { DoorContext } from '../transport.ts';
import type { Engine } from './engine.ts';
import { EVENT_FORMS, type EventForm, type Packet, signalPacket } from './event.ts';
import { obeyCommands } from './newcomers.ts';
import { EngineSink } from './sink.ts';

/** Answers that are given while more waits for a client than may: whoever asks on and takes none of them is slow. */
const MOST_UNTAKEN_ANSWERS = 1000;

/** What the clients of a door have in common. */
export class Delivery {
  readonly form: EventForm;
  readonly packets: EncodedOnce<readonly Packet[]>;
  readonly signals = new EncodedOnce(signalPacket);
  readonly sendBufferBytes: number;
  readonly slowMs: number;
  /** The client does not keep up; it is told, as far as it takes that. */
  readonly dismiss: (client: Socket) => void;

  constructor({ options, onSlowConsumer }: Pick<DoorContext, 'options' | 'onSlowConsumer'>, engine: Engine) {
    const form = EVENT_FORMS[options.values.frames ?? 'text'];
    this.form = form;
    this.packets = new EncodedOnce((entry) => form.packets(entry));
    this.sendBufferBytes = options.sendBufferBytes;
    this.slowMs = options.slowMs;
    this.dismiss = ({ conn }) => {
      onSlowConsumer();
      engine.part(conn, options.slowMs);
    };
  }
}

/** A client that was let in, and how far it is in what it follows. */
export class Follower {
  readonly client: Socket;
  readonly outbox: Outbox;
  readonly #delivery: Delivery;
  readonly #sink: EngineSink;
  #untakenAnswers = 0;

  constructor(client: Socket, log: ReadableLog, delivery: Delivery) {
    const { packets, slowMs, sendBufferBytes, dismiss } = delivery;
    this.client = client;
    this.#delivery = delivery;
    this.#sink = new EngineSink(client.conn, packets, slowMs);
    this.outbox = new Outbox(log, this.#sink, { sendBufferBytes, onSlow: () => dismiss(client) });
    client.once('disconnect', () => this.outbox.end());
  }

  /** By itself, past the encoder of the library. */
  send(entry: Entry): void {
    this.#sink.send(entry);
  }

  /** Nobody is told of a signal that is lost: whoever is behind gets none. */
  tell(signal: Buffer): void {
    if (!this.#isFull) this.client.conn.write(this.#delivery.signals.of(signal));
  }

  obey(obey: (command: Command) => Promise<Answer>): void {
    obeyCommands(this.client, obey, () => {
      this.#untakenAnswers = this.#isFull ? this.#untakenAnswers + 1 : 0;
      if (this.#untakenAnswers !== MOST_UNTAKEN_ANSWERS) return;
      this.outbox.end();
      this.#delivery.dismiss(this.client);
    });
  }

  get #isFull(): boolean {
    return this.#sink.waitingBytes > this.#delivery.sendBufferBytes;
  }
}
