import type { Command } from '../../scenarios/feed/command.ts';
import { type Answer, isAccepted } from '../../scenarios/feed/signal.ts';
import type { Member } from './hub.ts';

/**
 * A channel is joined or left where a client is that holds a connection, which may be behind the log: what comes up to there,
 * and from there on.
 */
export async function obeyAt(position: number, member: Member, command: Command): Promise<Answer> {
  const answer = await member.obey(command);
  const moves = command.type === 'join' || command.type === 'leave';
  return moves && isAccepted(answer) ? { seq: position } : answer;
}
