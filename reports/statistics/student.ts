/**
 * Student's t with any degrees of freedom, fractions too, as Satterthwaite's formula gives them. Written out here because the
 * packages that have it are either exact to eight digits or made of a hundred others.
 */

/** Lanczos' approximation of ln Γ(x), x > 0, with g = 7 and nine terms (P. Godfrey 2001): 15 digits. */
const LANCZOS_G = 7;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const [first, ...others] = LANCZOS;
  const series = others.reduce<number>((sum, term, index) => sum + term / (x + index), first);
  const base = x + LANCZOS_G - 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(series);
}

/** A distribution with what all of its values have in common computed once. */
class Student {
  readonly #degrees: number;
  /** ln of B(ν/2, 1/2) */
  readonly #logBeta: number;

  constructor(degrees: number) {
    this.#degrees = degrees;
    this.#logBeta = logGamma(degrees / 2) + logGamma(0.5) - logGamma((degrees + 1) / 2);
  }

  /**
   * The share beyond `t` ≥ 0: half of the regularised incomplete beta function I_x(ν/2, 1/2) at x = ν ÷ (ν + t²) (DLMF 8.17).
   * Both x and 1 − x are computed as they are, so that neither end loses digits.
   */
  shareBeyond(t: number): number {
    const square = t * t;
    const [a, b] = [this.#degrees / 2, 0.5];
    const x = this.#degrees / (this.#degrees + square);
    const y = square / (this.#degrees + square);
    if (y === 0) return 0.5;
    const front = Math.exp(a * logOfShare(x, y) + b * logOfShare(y, x) - this.#logBeta);
    const isNear = x < (a + 1) / (a + b + 2);
    const share = isNear
      ? front / (a * betaFraction({ a, b, x }))
      : 1 - front / (b * betaFraction({ a: b, b: a, x: y }));
    return share / 2;
  }

  density(t: number): number {
    const degrees = this.#degrees;
    return Math.exp(-((degrees + 1) / 2) * Math.log1p((t * t) / degrees) - this.#logBeta) / Math.sqrt(degrees);
  }
}

/** ln of a share whose rest is known as well as itself: the smaller of the two has all digits. */
function logOfShare(share: number, rest: number): number {
  return share < rest ? Math.log(share) : Math.log1p(-rest);
}

const EPSILON = 1e-16;
/** Lentz' method divides by what may be 0. */
const TINY = 1e-300;
const MOST_TERMS = 10_000;

/** The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz' method as W. J. Thompson and A. R. Barnett changed it. */
function betaFraction({ a, b, x }: { readonly a: number; readonly b: number; readonly x: number }): number {
  let value = 1;
  let numerator = 1;
  let denominator = 0;
  for (let term = 1; term < MOST_TERMS; term++) {
    const half = Math.floor(term / 2);
    const factor =
      term % 2 === 0
        ? (half * (b - half) * x) / ((a + term - 1) * (a + term))
        : (-(a + half) * (a + b + half) * x) / ((a + term - 1) * (a + term));
    denominator = 1 / nonZero(1 + factor * denominator);
    numerator = nonZero(1 + factor / numerator);
    const change = numerator * denominator;
    value *= change;
    if (Math.abs(change - 1) < EPSILON) break;
  }
  return value;
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** The share of t's distribution at or below `t`. */
export function studentCdf(t: number, degrees: number): number {
  const beyond = new Student(degrees).shareBeyond(Math.abs(t));
  return t > 0 ? 1 - beyond : beyond;
}

/** The t below which a share of the distribution lies, 0 < share < 1. */
export function studentQuantile(share: number, degrees: number): number {
  if (!(share > 0 && share < 1 && degrees > 0))
    throw new RangeError(`no t has ${share} below it with ${degrees} degrees`);
  if (share === 0.5) return 0;
  const t = quantileBeyond(new Student(degrees), Math.min(share, 1 - share));
  return share < 0.5 ? -t : t;
}

const MOST_STEPS = 200;
/** A step of Newton's doubles the digits: after one this small nothing is left to gain. */
const LAST_STEP = 1e-9;

/** By Newton's steps, kept between bounds that hold it. Far out ln(share beyond) falls evenly with ln t, so that is where they are taken. */
function quantileBeyond(student: Student, beyond: number): number {
  let low = 0;
  let high = Number.MAX_VALUE;
  let t = 1.5;
  for (let step = 0; step < MOST_STEPS; step++) {
    const share = student.shareBeyond(t);
    if (share > beyond) low = t;
    else high = t;
    const newton = t * Math.exp((Math.log(share / beyond) * share) / (t * student.density(t)));
    const next = newton > low && newton < high ? newton : (low + Math.min(high, 4 * t)) / 2;
    if (Math.abs(next - t) <= LAST_STEP * t) return next;
    t = next;
  }
  return t;
}
