import { expect, test } from 'vitest';
import { studentCdf, studentQuantile } from './student.ts';

/** Of 40 digits, by mpmath: the incomplete beta function inverted by halving. */
const QUANTILES: readonly [share: number, degrees: number, t: number][] = [
  [0.8, 0.7, 1.75882673140346],
  [0.8, 1, 1.37638192047117],
  [0.8, 2, 1.06066017177982],
  [0.8, 2.5, 1.01016387472224],
  [0.8, 4, 0.940964577235181],
  [0.8, 6.002, 0.905680515768728],
  [0.8, 13.37, 0.869338096506119],
  [0.8, 20, 0.859964439732386],
  [0.8, 97.5, 0.845323357029849],
  [0.8, 1000, 0.841980822162429],
  [0.975, 0.7, 36.6114150315887],
  [0.975, 1, 12.7062047361747],
  [0.975, 2, 4.30265272974946],
  [0.975, 2.5, 3.57465484200368],
  [0.975, 4, 2.77644510519779],
  [0.975, 6.002, 2.44671421801512],
  [0.975, 13.37, 2.15430695243087],
  [0.975, 20, 2.08596344726586],
  [0.975, 97.5, 1.98459465651058],
  [0.975, 1000, 1.96233908082641],
  [0.9975, 0.7, 982.334121121856],
  [0.9975, 1, 127.321336468872],
  [0.9975, 2, 14.0890472755553],
  [0.9975, 2.5, 9.52807820299315],
  [0.9975, 4, 5.59756836707546],
  [0.9975, 6.002, 4.31612100366123],
  [0.9975, 13.37, 3.35421628056356],
  [0.9975, 20, 3.15340053290645],
  [0.9975, 97.5, 2.87231764042935],
  [0.9975, 1000, 2.81327786048555],
  [0.99975, 0.7, 26353.0421727538],
  [0.99975, 1, 1273.23928293576],
  [0.99975, 2, 44.7045872929307],
  [0.99975, 2.5, 24.1476544608267],
  [0.99975, 4, 10.3062546818078],
  [0.99975, 6.002, 6.78656458942147],
  [0.99975, 13.37, 4.5589774205256],
  [0.99975, 20, 4.14602782163238],
  [0.99975, 97.5, 3.60144680219587],
  [0.99975, 1000, 3.49220333744586],
];

const SHARES: readonly [t: number, degrees: number, share: number][] = [
  [0.001, 3.3, 0.5003702266355105],
  [0.5, 1.7, 0.6629077375378362],
  [1.0, 6.002, 0.8220472984980942],
  [2.5, 4, 0.9666167275940059],
  [12, 2.2, 0.9976082930622413],
  [40, 1, 0.9920439100879742],
];

test.each(QUANTILES)('%d of the distribution lies below t, with %d degrees: %d', (share, degrees, t) => {
  expect(Math.abs(studentQuantile(share, degrees) / t - 1)).toBeLessThan(1e-11);
  expect(studentQuantile(1 - share, degrees) / t).toBeCloseTo(-1, 9);
});

test.each(SHARES)('below t = %d lies, with %d degrees, %d of the distribution', (t, degrees, share) => {
  expect(Math.abs(studentCdf(t, degrees) - share)).toBeLessThan(1e-13);
  expect(studentCdf(-t, degrees)).toBeCloseTo(1 - share, 13);
});

test('the quantile is what the distribution function undoes, near the middle and far out', () => {
  for (const degrees of [0.5, 1, 3.3, 7, 60, 5000]) {
    for (const share of [0.5001, 0.6, 0.9, 0.999, 1 - 1e-9]) {
      expect(Math.abs(studentCdf(studentQuantile(share, degrees), degrees) - share)).toBeLessThan(1e-14);
    }
  }
  expect(studentQuantile(0.5, 3)).toBe(0);
});

test.each([
  [0, 3],
  [1, 3],
  [Number.NaN, 3],
  [0.9, 0],
])('a share of %d with %d degrees has no quantile', (share, degrees) => {
  expect(() => studentQuantile(share, degrees)).toThrow(RangeError);
});
