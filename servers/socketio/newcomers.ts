import type { Server, Socket } from 'socket.io';
import { FEED_CHANNEL } from '../../scenarios/feed/channels.ts';
import { type Command, commandOf } from '../../scenarios/feed/command.ts';
import type { Answer } from '../../scenarios/feed/signal.ts';
import type { Position } from '../feed/log.ts';
import { BAD_SINCE, positionIn } from '../feed/position.ts';
import { type Identity, type Refusal, REFUSALS } from '../hub/admission.ts';
import { channelsOf, credentialsOf } from '../hub/credentials.ts';
import type { Hub } from '../hub/hub.ts';
import { COMMAND_EVENT } from './event.ts';

/** A client that was let in. */
export interface Newcomer {
  readonly identity: Identity;
  /** Undefined where it has no name and follows the feed alone: whoever just listens gets that as the door has it. */
  readonly channels: ReadonlySet<string> | undefined;
  readonly position: Position;
}

/** What CONNECT may say in the place of the handshake's query, besides the token. */
const SAID_IN_CONNECT = ['since', 'channels', 'user'] as const;

/**
 * Lets clients in at their CONNECT, or refuses them in the answer to it, with the code that a WebSocket would be closed with
 * in its `data`. What is returned tells who a client is that was let in.
 */
export function admitNewcomers(io: Server, hub: Hub): (client: Socket) => Newcomer {
  const admitted = new WeakMap<Socket, Newcomer>();
  const decide = async (client: Socket, next: (refusal?: Error) => void): Promise<void> => {
    const one = await admit(client, hub);
    if (!(one instanceof Error)) admitted.set(client, one);
    next(one instanceof Error ? one : undefined);
  };
  io.use((client, next) => void decide(client, next));
  return (client) => {
    const newcomer = admitted.get(client);
    if (newcomer === undefined) throw new TypeError('a client of Socket.IO is there that nobody let in');
    return newcomer;
  };
}

async function admit({ handshake }: Socket, hub: Hub): Promise<Newcomer | Error> {
  const said: Readonly<Record<string, unknown>> = handshake.auth;
  const request = { url: targetOf(handshake.url, said), headers: handshake.headers };
  const position = positionIn(request.url);
  if (position === undefined) return new Error(BAD_SINCE);
  const token = said['token'] === undefined ? {} : { token: queryText(said['token']) };
  const admission = await hub.admit({ ...credentialsOf(request), ...token });
  if (admission.kind === 'refused') return refusal(admission.refusal);
  const { identity } = admission;
  const channels = channelsOf(request, identity);
  if (typeof channels === 'string') return refusal(channels);
  const isListener = identity.user === undefined && channels.size === 1 && channels.has(FEED_CHANNEL);
  return { identity, position, channels: isListener ? undefined : channels };
}

/** The target of the handshake, with what CONNECT says in the place of what stands there. */
function targetOf(url: string, said: Readonly<Record<string, unknown>>): string {
  const target = URL.parse(url, 'http://node') ?? new URL('http://node');
  for (const name of SAID_IN_CONNECT) {
    const value = said[name];
    if (value !== undefined) target.searchParams.set(name, name === 'channels' ? listText(value) : queryText(value));
  }
  return `${target.pathname}${target.search}`;
}

/** What a query cannot say is something that nothing takes. */
function queryText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}

function listText(value: unknown): string {
  return Array.isArray(value) ? value.map(queryText).join(',') : queryText(value);
}

function refusal(reason: Refusal): Error {
  const { error, closeCode } = REFUSALS[reason];
  return Object.assign(new Error(error), { data: { code: closeCode } });
}

/** Does what a client says, and acknowledges it with the answer where it wants one; `asked` is told before, whatever it was. */
export function obeyCommands(
  client: Socket,
  obey: (command: Command) => Promise<Answer>,
  asked: () => void = () => undefined,
): void {
  client.on(COMMAND_EVENT, (...said: unknown[]) => {
    asked();
    void answerTo(said[0], obey).then((answer) => acknowledge(said.at(-1), answer));
  });
}

async function answerTo(said: unknown, obey: (command: Command) => Promise<Answer>): Promise<Answer> {
  const command = commandOf(said);
  return typeof command === 'string' ? { error: command, reason: 'malformed' } : obey(command);
}

/** The library puts a function behind the arguments of an event that wants to be acknowledged. */
function acknowledge(last: unknown, answer: Answer): void {
  if (typeof last === 'function') (last as (answer: Answer) => void)(answer);
}
