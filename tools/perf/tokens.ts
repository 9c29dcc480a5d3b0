import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes, verify } from 'node:crypto';
import { rulesFor, TokenIssuer } from '../../scenarios/tokens.ts';
import { TokenVerifier } from '../../servers/hub/verifier.ts';
import type { Tell, Turn } from './comparison.ts';

/** What a server pays to know who asks: CPU of the whole process, the threads that verify among it. */
interface Contest {
  readonly question: string;
  readonly ours: Contender;
  readonly theirs: Contender;
  /** Ours, as a multiple of theirs. */
  readonly atMost?: number;
}

interface Contender {
  readonly name: string;
  /** Verifies all the tokens. */
  readonly run: (tokens: readonly string[]) => Promise<void>;
  readonly tokens: readonly string[];
}

const TOKENS = 2000;
const TURNS = 7;

const pair = generateKeyPairSync('ed25519');
const secret = createSecretKey(randomBytes(32));

async function issue(key: KeyObject): Promise<string[]> {
  const issuer = new TokenIssuer(key);
  const expiresAtS = Math.ceil(Date.now() / 1000) + 3600;
  return Promise.all(Array.from({ length: TOKENS }, async (_, user) => issuer.issue(`u${user}`, expiresAtS)));
}

/** One after the other, as requests of one client come; a verifier that remembers none has each of them for the first time. */
async function verifyAll(verifier: TokenVerifier, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    const admission = await verifier.verify(token);
    if (admission.kind === 'refused') throw new Error(`a good token was refused: ${admission.refusal}`);
  }
}

/** The signature alone, in this thread. */
async function verifyBare(tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    const dot = token.lastIndexOf('.');
    const signature = Buffer.from(token.slice(dot + 1), 'base64url');
    if (!verify(null, Buffer.from(token.slice(0, dot)), pair.publicKey, signature)) throw new Error('a bad signature');
  }
}

function firstTime(key: KeyObject): Contender['run'] {
  return async (tokens) => verifyAll(new TokenVerifier(rulesFor(key)), tokens);
}

async function usPerToken({ run, tokens }: Contender): Promise<number> {
  const before = process.cpuUsage();
  await run(tokens);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / tokens.length;
}

async function contests(): Promise<Contest[]> {
  const [signed, secretly] = [await issue(pair.privateKey), await issue(secret)];
  const knowing = new TokenVerifier(rulesFor(pair.privateKey));
  await verifyAll(knowing, signed);
  const eddsa = { name: 'EdDSA for the first time', run: firstTime(pair.privateKey), tokens: signed };
  return [
    {
      question: 'a token of Ed25519 that is seen for the first time: signature, claims, hash',
      ours: eddsa,
      theirs: { name: "node:crypto's verify, the signature alone", run: verifyBare, tokens: signed },
    },
    {
      question: 'a token that was seen before, as with every poll but the first',
      ours: { name: 'remembered', run: async (tokens) => verifyAll(knowing, tokens), tokens: signed },
      theirs: eddsa,
      atMost: 0.1,
    },
    {
      question: 'a token of a secret that is seen for the first time',
      ours: { name: 'HS256 for the first time', run: firstTime(secret), tokens: secretly },
      theirs: eddsa,
    },
  ];
}

export async function measure(tell: Tell): Promise<void> {
  for (const { question, ours, theirs, atMost } of await contests()) {
    const turns: Turn[] = [];
    for (let turn = 0; turn < TURNS; turn++)
      turns.push({ ours: await usPerToken(ours), theirs: await usPerToken(theirs) });
    tell({
      question,
      unit: 'µs',
      ours: ours.name,
      theirs: theirs.name,
      turns,
      ...(atMost !== undefined && { aim: { atMost } }),
    });
  }
}
