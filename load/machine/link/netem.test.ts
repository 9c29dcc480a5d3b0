import { expect, test } from 'vitest';
import { NO_LINK } from '../../../scenarios/path/links.ts';
import { addNetem, netemProblem, netemWords, readNetem, suitsNetem } from './netem.ts';

const LINK = { ...NO_LINK, delayNs: 50e6, loss: 0.01 };
/** As iproute2 6 prints it. */
const STANDS =
  '[{"kind":"netem","handle":"8001:","root":true,"refcnt":5,"options":{"limit":100000,"delay":{"delay":0.05,"jitter":0,"correlation":0},"loss-random":{"loss":0.01,"correlation":0},"ecn":false,"gap":0},"bytes":1000,"packets":9,"drops":1,"overlimits":0}]';

test('netem is told delay and loss, and nothing that is not asked for', () => {
  expect(netemWords(LINK).join(' ')).toBe('netem limit 100000 delay 50000us loss random 1%');
  expect(netemWords({ ...NO_LINK, delayNs: 250_500 }).join(' ')).toBe('netem limit 100000 delay 250.5us');
});

test('what stands there is held against what was asked for', () => {
  expect(netemProblem(STANDS, LINK)).toBeUndefined();
  expect(netemProblem('[{"kind":"noqueue","options":{}}]', LINK)).toContain('is not there');
  expect(netemProblem(STANDS, { ...LINK, delayNs: 60e6 })).toContain('has one of 0.05 s');
  expect(netemProblem(STANDS, { ...LINK, loss: 0 })).toContain('loses 0.01');
});

test('what cannot be added, or is not there afterwards, is an error', async () => {
  const refuse = async (): Promise<string> => {
    throw new Error('Specified qdisc kind is unknown');
  };
  await expect(addNetem(refuse, 'lo', LINK)).rejects.toThrow('unknown');
  await expect(addNetem(async () => '[]', 'lo', LINK)).rejects.toThrow('is not there');
  await expect(addNetem(async () => STANDS, 'lo', LINK)).resolves.toBeUndefined();
});

test('it says what it was to carry, and what it lost', async () => {
  expect(await readNetem(async () => STANDS, 'lo')).toEqual({ frames: 10, bytes: 1000, lost: 1, dropped: 0 });
});

test('a rate is of each connection, which netem has not', () => {
  expect(suitsNetem({ ...LINK, bitsPerSecondUp: 1e6 })).toBe(false);
});
