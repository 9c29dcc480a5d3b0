import { type Ceiling, CEILING_SCHEMA, type CeilingPoint } from '../../scenarios/result/ceiling.ts';
import { Failure } from '../../scenarios/failures.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import type { Payload } from '../../scenarios/feed/workload.ts';
import { type AskedValues, type Usual, usualValue, type ValueOf } from '../../scenarios/dimensions.ts';
import { nodesOf } from '../../scenarios/variant.ts';
import type { BackplaneId } from '../../servers/backplanes.ts';
import { closedLoopTransport } from '../../servers/registry.ts';
import { leftOut as allLeftOut, planVariants, type VariantChoices } from '../variants.ts';
import { checkDescriptors } from '../machine/descriptors.ts';
import { describeEnvironment } from '../machine/environment.ts';
import { type GeneratorId, generatorRow } from '../registry.ts';
import type { ResultFile } from '../result-file.ts';
import { surroundingsFor } from '../run.ts';
import { measurePoint, type PointSpec } from './ceiling.ts';

export interface CeilingChoices {
  readonly generators: readonly GeneratorId[];
  readonly backplanes: readonly BackplaneId[];
  readonly connections: readonly number[];
  readonly windowNs: number;
  readonly asked: AskedValues;
}

export interface CeilingPlan {
  readonly headers: ValueOf<'headers'>;
  readonly points: readonly PointSpec[];
  /** What is left out, and why. */
  readonly unavailable: readonly string[];
}

/** As the ticker's messages are. */
const PAYLOAD: Payload = { kind: 'stock-prices', bytes: 200 };
const WAITING = [0, 1] as const;
/** Start, warm-up and stop of a point; measured on 2 cores. */
const OVERHEAD_NS = 2.4 * NS_PER_SECOND;
const OVERHEAD_PER_NODE_NS = 0.4 * NS_PER_SECOND;

/** Every point in the order they run: at each setting the generators take turns. */
export function planCeiling(choices: CeilingChoices): CeilingPlan {
  const { generators, connections, windowNs } = choices;
  const able = generators.filter((id) => 'program' in generatorRow(id).ceiling);
  const settings = planVariants(variantChoices(choices), NO_INTERVAL).flatMap((variant) =>
    WAITING.flatMap((waiting) => connections.map((count) => ({ variant, waiting, connections: count }))),
  );
  const points = settings.flatMap((setting) =>
    able.map((generator) => ({
      ...setting,
      generator,
      payload: PAYLOAD,
      windowNs,
    })),
  );
  if (points.length === 0)
    throw new Failure('usage', 'nothing that was asked for can be measured; choose another --generator');
  for (const point of points) checkDescriptors(point.connections, nodesOf(point.variant));
  return {
    headers: points[0]?.variant.values.headers ?? usualValue('headers', NO_INTERVAL),
    points: points.filter((point) => leftOut(point) === undefined),
    unavailable: [
      ...new Set([
        ...allLeftOut(variantChoices(choices), NO_INTERVAL),
        ...generators.flatMap(cannot),
        ...points.flatMap((point) => leftOut(point) ?? []),
      ]),
    ],
  };
}

/** Clients of a closed loop do not wait between two polls. */
const NO_INTERVAL: Usual = { pollIntervalNs: 0 };

function variantChoices({ backplanes, asked }: CeilingChoices): VariantChoices {
  return { transports: [closedLoopTransport().id], backplanes, asked };
}

function cannot(id: GeneratorId): string[] {
  const { ceiling, label } = generatorRow(id);
  return 'cannot' in ceiling ? [`${label}: n/a, ${ceiling.cannot}`] : [];
}

function leftOut({ generator, waiting }: PointSpec): string | undefined {
  const { ceiling, label } = generatorRow(generator);
  return waiting > 0 && 'program' in ceiling && ceiling.onlyEmpty !== undefined
    ? `${label} with messages waiting: n/a, ${ceiling.onlyEmpty}`
    : undefined;
}

export function ceilingEstimateNs({ points }: CeilingPlan): number {
  return points.reduce(
    (sum, { windowNs, variant }) => sum + windowNs + OVERHEAD_NS + OVERHEAD_PER_NODE_NS * nodesOf(variant),
    0,
  );
}

export interface CeilingContext {
  readonly file: ResultFile<Ceiling>;
  readonly command: string;
  readonly redisUrl: string | undefined;
  readonly stop: AbortSignal;
  readonly onPoint: (point: CeilingPoint) => void;
}

export interface CeilingOutcome {
  readonly ceiling: Ceiling;
  readonly failure: Failure | undefined;
}

/** Measures point after point, and saves after each. */
export async function runCeiling(plan: CeilingPlan, context: CeilingContext): Promise<CeilingOutcome> {
  const surroundings = surroundingsFor(context);
  const startedAt = new Date().toISOString();
  const environment = await describeEnvironment(surroundings.placement);
  const points: CeilingPoint[] = [];
  const sofar = (): Ceiling => ({
    schema: CEILING_SCHEMA,
    id: context.file.id,
    startedAt,
    endedAt: new Date().toISOString(),
    partial: points.length < plan.points.length,
    plannedPoints: plan.points.length,
    command: context.command,
    headers: plan.headers,
    payloadBytes: PAYLOAD.bytes,
    generators: Object.fromEntries(plan.points.map(({ generator }) => [generator, generatorRow(generator).label])),
    unavailable: [...plan.unavailable],
    environment,
    points: [...points],
  });
  for (const spec of plan.points) {
    if (context.stop.aborted) break;
    const point = await measurePoint(spec, surroundings);
    if (point === undefined) break;
    points.push(point);
    context.onPoint(point);
    const failure = await context.file.trySaving(sofar());
    if (failure !== undefined) return { ceiling: sofar(), failure };
  }
  return { ceiling: sofar(), failure: undefined };
}
