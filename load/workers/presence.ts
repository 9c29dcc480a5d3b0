import { get, type IncomingMessage } from 'node:http';
import { get as getOverTls } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { monotonicNs } from '../../scenarios/clock.ts';
import { systemErrorCode } from '../../scenarios/failures.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../scenarios/units.ts';
import type { Target } from '../generator.ts';

/** Whom each node says to be online, held against who is connected. */
export interface PresenceQuestion {
  readonly targets: readonly Target[];
  readonly users: readonly string[];
  /** How long a node may take to be right. */
  readonly patienceNs: number;
  /** Where nodes want one. */
  readonly token?: string | undefined;
}

/** What a node said, by its place among the targets. One that is not there says nothing wrong. */
export interface PresenceSeen {
  readonly node: number;
  readonly missing: number;
  readonly strangers: number;
  readonly afterNs: number;
}

/** News of who came and went cross a backplane. */
const NEWS_NS = 5 * NS_PER_SECOND;
const ASK_EVERY_MS = 50;
const ANSWER_WITHIN_MS = 2000;

const answerSchema = z.object({ users: z.array(z.string()) });

/** Of those who went for good some may have gone without a word, which nodes notice in their own time. */
export function presencePatienceNs(gone: number, noticedWithinMs: number): number {
  return NEWS_NS + (gone === 0 ? 0 : noticedWithinMs * NS_PER_MS);
}

/** Asks every node until it is right, or for as long as it may take; what it said last counts. */
export async function askPresence({ targets, users, patienceNs, token }: PresenceQuestion): Promise<PresenceSeen[]> {
  const connected = new Set(users);
  const seen = await Promise.all(
    targets.map(async (target, node) => {
      const startNs = monotonicNs();
      for (;;) {
        const told = await usersOnline(target, token).catch((error: unknown) => (isGone(error) ? undefined : []));
        if (told === undefined) return [];
        const online = new Set(told);
        const missing = connected.difference(online).size;
        const strangers = online.difference(connected).size;
        const afterNs = monotonicNs() - startNs;
        if (missing + strangers === 0 || afterNs >= patienceNs) return [{ node, missing, strangers, afterNs }];
        await setTimeout(ASK_EVERY_MS);
      }
    }),
  );
  return seen.flat();
}

/** Nobody listens there: the process has ended, or its host is cut off. */
function isGone(error: unknown): boolean {
  return ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'].includes(systemErrorCode(error) ?? '');
}

async function usersOnline({ host, port, authority }: Target, token: string | undefined): Promise<readonly string[]> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const text = await new Promise<string>((resolve, reject) => {
    // No agent: nothing of it is kept when the clients are watched.
    const question = { host, port, path: '/presence', headers, agent: false, timeout: ANSWER_WITHIN_MS } as const;
    const take = (response: IncomingMessage): void => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.once('end', () => resolve(body)).once('error', reject);
    };
    const asked = authority === undefined ? get(question, take) : getOverTls({ ...question, ca: authority }, take);
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.once('error', reject);
  });
  return answerSchema.parse(JSON.parse(text)).users;
}
