import { takeRedisUrl } from '../../load/fleet/redis-server.ts';
import { findableLines } from '../planning/findable.ts';
import { knownNoise } from '../planning/machine-history.ts';
import { planForeignRun } from '../planning/foreign-run.ts';
import { lengthText, planLines } from '../planning/plan-text.ts';
import { planRun, type RunChoices } from '../planning/run-plans.ts';
import { complain, exitCodeOfPrinting, print } from '../terminal.ts';

/** Says what a run would do; returns the exit code. Throws a Failure where a run could not begin. */
export async function plan(choices: RunChoices): Promise<number> {
  const { foreign } = choices;
  const plans =
    foreign === undefined
      ? await planRun(choices, { redisUrl: takeRedisUrl(), isTried: false })
      : (await planForeignRun(choices, foreign)).plans;
  const history = knownNoise(complain);
  for (const one of plans) for (const line of [...planLines([one]), ...findableLines(one, history)]) print(line);
  print(lengthText(plans));
  return exitCodeOfPrinting();
}
