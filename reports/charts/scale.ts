export interface Tick {
  readonly value: number;
  readonly text: string;
  /** 0 is shown first; those of a higher level where there is room for all of them. */
  readonly level: number;
}

/** Where values lie between the ends of a drawing. */
export interface Scale {
  readonly type: 'linear' | 'logarithmic';
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly Tick[];
}

type Format = (value: number) => string;

/** 0 at the scale's lower end, 1 at its upper one; what lies outside is at the end. */
export function shareOf({ type, min, max }: Scale, value: number): number {
  const at = type === 'linear' ? (v: number) => v : Math.log;
  return Math.min(1, Math.max(0, (at(value) - at(min)) / (at(max) - at(min))));
}

/** The ticks of as many levels as leave `room` (a share of the whole) between any two. */
export function ticksWithRoom(scale: Scale, room: number): readonly Tick[] {
  const levels = [...new Set(scale.ticks.map(({ level }) => level))].toSorted((a, b) => b - a);
  const upTo = (most: number): readonly Tick[] => scale.ticks.filter(({ level }) => level <= most);
  const roomy = levels.find((most) => {
    const places = upTo(most).map(({ value }) => shareOf(scale, value));
    return places.every((place, index) => index === 0 || place - (places[index - 1] ?? 0) >= room);
  });
  return upTo(roomy ?? 0);
}

/** A logarithmic scale has no zero. */
const LEAST_SPAN = 4;
const MANTISSAS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** Ends on 1, 2 or 5 times a power of ten around all values, which are above 0. */
export function logarithmicScale(values: readonly number[], format: Format): Scale {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const widened = Math.max(1, Math.sqrt(LEAST_SPAN / (most / least)));
  const min = roundNumber(least / widened, Math.floor);
  const max = roundNumber(most * widened, Math.ceil);
  const ticks: Tick[] = [];
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.ceil(Math.log10(max)); exponent++) {
    for (const mantissa of MANTISSAS) {
      const value = Number(`${mantissa}e${exponent}`);
      if (value >= min && value <= max) ticks.push({ value, text: format(value), level: levelOf(mantissa) });
    }
  }
  return { type: 'logarithmic', min, max, ticks };
}

function levelOf(mantissa: (typeof MANTISSAS)[number]): number {
  if (mantissa === 1) return 0;
  return mantissa === 2 || mantissa === 5 ? 1 : 2;
}

/** The next 1, 2 or 5 times a power of ten, below or above. */
function roundNumber(value: number, round: (steps: number) => number): number {
  const exponent = Math.floor(Math.log10(value));
  const mantissa = value / 10 ** exponent;
  const steps = [1, 2, 5, 10];
  const step =
    round === Math.floor
      ? steps.findLast((one) => one <= mantissa * (1 + 1e-9))
      : steps.find((one) => one >= mantissa * (1 - 1e-9));
  return Number(`${step ?? 1}e${exponent}`);
}

const LINEAR_STEPS = 4;

/** From 0 to a round number above all values, with about four steps. */
export function linearScale(values: readonly number[], format: Format): Scale {
  const most = Math.max(...values);
  if (!(most > 0)) return { type: 'linear', min: 0, max: 1, ticks: [{ value: 0, text: format(0), level: 0 }] };
  const step = roundNumber(most / LINEAR_STEPS, Math.ceil);
  const count = Math.ceil(most / step - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, index): Tick => {
    const value = Number((index * step).toPrecision(12));
    return { value, text: format(value), level: index === 0 || index === count ? 0 : 1 };
  });
  return { type: 'linear', min: 0, max: ticks.at(-1)?.value ?? 1, ticks };
}
