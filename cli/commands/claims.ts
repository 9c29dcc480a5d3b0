import { type Command, Option } from 'commander';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { commandText, exampleText } from '../command-text.ts';
import { parseCount } from '../options.ts';
import { exitCodeOfPrinting } from '../terminal.ts';

const MOST_TRIALS = 100;

export function addClaims(program: Command): void {
  program
    .command('claims')
    .description('hold each claim of a guide on WebSockets against measurements')
    .addOption(
      new Option('--trials <count>', 'how often each variant is measured; once tells nothing of chance')
        .argParser(parseCount(2, MOST_TRIALS))
        .default(3),
    )
    .addOption(
      new Option('--seed <number>', 'seed of arrivals, payloads and the order of trials')
        .argParser(parseCount(0, 2 ** 32 - 1))
        .default(1),
    )
    .option('--out <folder>', 'where results and reports go', INSTALLATION.out)
    .addHelpText('after', exampleText(['claims', '--trials', '5']))
    .action(async (options: ClaimsOptions) => {
      const { claims } = await import('../verbs/claims.ts');
      const exitCode = await claims({ ...options, command: commandText(program.args) });
      await exitCodeOfPrinting();
      // A probe that was stopped may still wait for something, and nobody waits for it any more.
      process.exit(exitCode);
    });
}

interface ClaimsOptions {
  readonly trials: number;
  readonly seed: number;
  readonly out: string;
}
