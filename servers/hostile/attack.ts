import { pick, type Random } from '../../scenarios/feed/random.ts';
import type { Line } from './line.ts';

/** Where an attack goes. */
export interface Target {
  readonly port: number;
  readonly path: string;
}

/** One thing that a client can do wrong; rejects where the door does not answer as it should. */
export interface Attack {
  readonly name: string;
  /** How often it is chosen; 1 unless it says so. */
  readonly weight?: number;
  readonly run: (line: Line, target: Target, random: Random) => Promise<void>;
}

export function chosenAttack(attacks: readonly Attack[], random: Random): Attack {
  const total = attacks.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let place = random() * total;
  for (const attack of attacks) {
    place -= attack.weight ?? 1;
    if (place < 0) return attack;
  }
  throw new RangeError('there are no attacks');
}

export function below(random: Random, most: number): number {
  return Math.floor(random() * most);
}

export function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(random, 256)));
}

/** Characters that mean something in a head, and some that mean nothing. */
export function randomText(random: Random, length: number): string {
  const characters = ['a', '0', '-', '.', '%', '&', '=', '/', '"', '{', ';', '+', '~'] as const;
  return Array.from({ length }, () => pick(random, characters)).join('');
}
