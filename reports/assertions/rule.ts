import { Failure } from '../../scenarios/failures.ts';
import { NS_PER_MS, NS_PER_SECOND, NS_PER_US } from '../../scenarios/units.ts';
import { COMPARED, type ComparedMetricId } from '../figures/compared.ts';

/** `websocket.staleness.p99 < 20ms`: what must hold of each variant that it names. */
export interface Assertion extends Subject {
  readonly kind: 'assertion';
  /** Nanoseconds or bytes. */
  readonly bound: number;
}

/** `websocket.staleness.p99 > +10%`: a change against the baseline that is a failure. */
export interface Regression extends Subject {
  readonly kind: 'regression';
  /** New ÷ old: `+10%` is 1.1. */
  readonly factor: number;
}

export type Rule = Assertion | Regression;

interface Subject {
  /** As it was written. */
  readonly text: string;
  /** In lower case: a transport, a variant's key, the beginning of one up to a slash, or `*` for all. */
  readonly selector: string;
  readonly metric: ComparedMetricId;
  readonly operator: Operator;
}

const OPERATORS = {
  '<=': (value, bound) => value <= bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '>': (value, bound) => value > bound,
} as const satisfies Record<string, (value: number, bound: number) => boolean>;

type Operator = keyof typeof OPERATORS;

export function holds({ operator }: Pick<Subject, 'operator'>, value: number, bound: number): boolean {
  return OPERATORS[operator](value, bound);
}

const UNITS = {
  time: { ns: 1, us: NS_PER_US, µs: NS_PER_US, μs: NS_PER_US, ms: NS_PER_MS, s: NS_PER_SECOND },
  bytes: { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 },
} as const;

/** Said where a unit is wrong; the two letters that look like µ go without saying. */
const UNIT_WORDS = { time: 'a time, in ns, us, ms or s', bytes: 'in bytes: B, kB, MB or GB' } as const;

const ASSERTION_FORM = "<variant>.<metric> <op> <value>, such as 'websocket.staleness.p99 < 20ms'";
const REGRESSION_FORM = "<variant>.<metric> <op> <change>, such as 'websocket.staleness.p99 > +10%'";

/** What else a transport may be called, by its id. */
type Aliases = ReadonlyMap<string, string>;

/** Throws `usage`. */
export function parseAssertion(text: string, aliases: Aliases = new Map()): Assertion {
  const { subject, value } = parseSubject(text, ASSERTION_FORM, aliases);
  if (value.endsWith('%'))
    throw wrong(
      text,
      `a change such as ${value} is for --fail-if, which compares two results; write ${ASSERTION_FORM}`,
    );
  return { kind: 'assertion', ...subject, bound: parseBound(text, subject.metric, value) };
}

/** Throws `usage`. */
export function parseRegression(text: string, aliases: Aliases = new Map()): Regression {
  const { subject, value } = parseSubject(text, REGRESSION_FORM, aliases);
  const match = /^([+-])(\d+(?:\.\d+)?) ?%$/.exec(value);
  if (match === null)
    throw wrong(text, `"${value}" is no change with its sign, such as +10%; a bound of its own is for --assert`);
  const factor = 1 + Number(`${match[1]}${match[2]}`) / 100;
  if (match[1] !== (subject.operator.startsWith('>') ? '+' : '-'))
    throw wrong(text, 'a rise is written > +10%, a fall < -10%');
  if (factor <= 0) throw wrong(text, 'nothing falls by all that it is');
  return { kind: 'regression', ...subject, factor };
}

function parseSubject(text: string, form: string, aliases: Aliases): { subject: Subject; value: string } {
  const match = /^(?<left>[^<>]+)(?<operator>[<>]=?)(?<value>.+)$/s.exec(text);
  const { left = '', operator = '', value = '' } = match?.groups ?? {};
  if (!isOperator(operator)) throw wrong(text, `write it as ${form}; there are ${Object.keys(OPERATORS).join(', ')}`);
  const { selector: name, metric } = splitName(text, left.trim(), form);
  const [transport = '', ...rest] = name.toLowerCase().split('/');
  const selector = [aliases.get(transport) ?? transport, ...rest].join('/');
  return { subject: { text: text.trim(), selector, metric, operator }, value: value.trim() };
}

function isOperator(text: string): text is Operator {
  return Object.hasOwn(OPERATORS, text);
}

/** A variant's key may have dots (`poll=1.5s`), so the metric is looked for from the end. */
function splitName(text: string, name: string, form: string): { selector: string; metric: ComparedMetricId } {
  const ids = Object.keys(COMPARED) as ComparedMetricId[];
  const metric = ids.find((id) => name.endsWith(`.${id}`));
  if (metric !== undefined) return { selector: name.slice(0, -metric.length - 1), metric };
  const dot = name.indexOf('.');
  if (dot < 1) throw wrong(text, `write it as ${form}`);
  throw wrong(text, `there is no metric "${name.slice(dot + 1)}"; there are ${ids.join(', ')}`);
}

function parseBound(text: string, metric: ComparedMetricId, value: string): number {
  const { quantity } = COMPARED[metric];
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?(\p{L}*)$/u.exec(value) ?? [];
  const units: Readonly<Record<string, number>> = UNITS[quantity];
  const size = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (amount === undefined || size === undefined)
    throw wrong(text, `"${value}" is no value of ${metric}, which is ${UNIT_WORDS[quantity]}`);
  return Number(amount) * size;
}

function wrong(text: string, reason: string): Failure {
  return new Failure('usage', `"${text}": ${reason}`);
}
