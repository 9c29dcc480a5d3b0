import { expect, test } from 'vitest';
import { holds, parseAssertion, parseRegression } from './rule.ts';

const ALIASES = new Map([['ws', 'websocket']]);

test.each([
  {
    text: 'websocket.staleness.p99 < 20ms',
    selector: 'websocket',
    metric: 'staleness.p99',
    operator: '<',
    bound: 20e6,
  },
  { text: 'ws.staleness.p50<=1.5s', selector: 'websocket', metric: 'staleness.p50', operator: '<=', bound: 1.5e9 },
  {
    text: 'WS/redis/nodes=3.cpu.server > 10 us',
    selector: 'websocket/redis/nodes=3',
    metric: 'cpu.server',
    operator: '>',
    bound: 10e3,
  },
  {
    text: 'polling/memory/poll=1.5s.cpu.server >= 3µs',
    selector: 'polling/memory/poll=1.5s',
    metric: 'cpu.server',
    operator: '>=',
    bound: 3e3,
  },
  { text: 'polling.staleness.mean < 400ns', selector: 'polling', metric: 'staleness.mean', operator: '<', bound: 400 },
  { text: '*.bytes.wire < 1.2kB', selector: '*', metric: 'bytes.wire', operator: '<', bound: 1200 },
  { text: 'sse.memory.server < 100 MB', selector: 'sse', metric: 'memory.server', operator: '<', bound: 100e6 },
])('$text', (rule) => {
  expect(parseAssertion(rule.text, ALIASES)).toEqual({ kind: 'assertion', ...rule });
});

test.each([
  ['websocket.staleness.p99 > +10%', '>', 1.1],
  ['websocket.staleness.p99 >= +0 %', '>=', 1],
  ['websocket.staleness.p99 < -12.5%', '<', 0.875],
])('%s', (text, operator, factor) => {
  const rule = parseRegression(text);
  expect(rule).toMatchObject({ kind: 'regression', selector: 'websocket', metric: 'staleness.p99', operator });
  expect(rule.factor).toBeCloseTo(factor, 12);
});

const METRICS =
  'staleness.p50, staleness.p75, staleness.p90, staleness.p95, staleness.p99, staleness.mean, staleness.max, toFirst.p50, gap.p99, age.mean, acknowledgement.p50, acknowledgement.p99, bytes.wire, bytes.client, cpu.server, memory.server, bytes.idle, cpu.idle, memory.idle';
const FORM = "write it as <variant>.<metric> <op> <value>, such as 'websocket.staleness.p99 < 20ms'";

test.each([
  ['', `${FORM}; there are <=, >=, <, >`],
  ['websocket.staleness.p99', `${FORM}; there are <=, >=, <, >`],
  ['websocket.staleness.p99 = 20ms', `${FORM}; there are <=, >=, <, >`],
  ['websocket < 20ms', FORM],
  ['.staleness.p42 < 20ms', FORM],
  ['websocket.staleness.p42 < 20ms', `there is no metric "staleness.p42"; there are ${METRICS}`],
  ['ws.staleness.p99 < 20', '"20" is no value of staleness.p99, which is a time, in ns, us, ms or s'],
  ['ws.staleness.p99 < 20B', '"20B" is no value of staleness.p99, which is a time, in ns, us, ms or s'],
  ['ws.staleness.p99 < -1ms', '"-1ms" is no value of staleness.p99, which is a time, in ns, us, ms or s'],
  ['ws.bytes.wire < 20ms', '"20ms" is no value of bytes.wire, which is in bytes: B, kB, MB or GB'],
  ['ws.bytes.wire < 20constructor', '"20constructor" is no value of bytes.wire, which is in bytes: B, kB, MB or GB'],
  [
    'ws.staleness.p99 < 10%',
    `a change such as 10% is for --fail-if, which compares two results; ${FORM.replace('it as ', '')}`,
  ],
])('of "%s" one line says what is wrong', (text, reason) => {
  expect(() => parseAssertion(text)).toThrow(
    expect.objectContaining({ code: 'usage', message: `"${text}": ${reason}` }),
  );
});

test.each([
  ['ws.staleness.p99 > 20ms', '"20ms" is no change with its sign, such as +10%; a bound of its own is for --assert'],
  ['ws.staleness.p99 > 10%', '"10%" is no change with its sign, such as +10%; a bound of its own is for --assert'],
  ['ws.staleness.p99 > -10%', 'a rise is written > +10%, a fall < -10%'],
  ['ws.staleness.p99 < +10%', 'a rise is written > +10%, a fall < -10%'],
  ['ws.staleness.p99 < -100%', 'nothing falls by all that it is'],
])('of the change "%s", too', (text, reason) => {
  expect(() => parseRegression(text)).toThrow(expect.objectContaining({ message: `"${text}": ${reason}` }));
});

test('a bound itself is neither below nor above', () => {
  expect(['<', '<=', '>', '>='].map((operator) => holds({ operator } as Parameters<typeof holds>[0], 5, 5))).toEqual([
    false,
    true,
    false,
    true,
  ]);
});
