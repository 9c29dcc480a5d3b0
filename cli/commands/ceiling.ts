import { type Command, Option } from 'commander';
import { INSTALLATION } from '../../scenarios/installation/installation.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { BACKPLANES } from '../../servers/backplanes.ts';
import { GENERATORS } from '../../load/registry.ts';
import type { CeilingOptions } from '../verbs/ceiling.ts';
import { commandText, exampleText } from '../command-text.ts';
import { askedValues, optionOf, singleOptionOf } from '../dimension-options.ts';
import { MOST_CLIENTS, parseCounts, parseIds, parseTime } from '../options.ts';

export function addCeiling(program: Command): void {
  program
    .command('ceiling')
    .description('measure how many polls a second a door can answer, by a closed loop')
    .addOption(
      new Option('--generator <ids>', 'who asks, with commas between')
        .argParser(parseIds(GENERATORS))
        .default(['autocannon', 'native'], 'autocannon,native'),
    )
    .addOption(new Option('--backplane <ids>', 'backplanes, with commas between').argParser(parseIds(BACKPLANES)))
    .addOption(optionOf('nodes'))
    .addOption(singleOptionOf('headers'))
    .addOption(
      new Option('--connections <counts>', 'the sweep, with commas between')
        .argParser(parseCounts(1, MOST_CLIENTS))
        .default([1, 10, 50, 200], '1,10,50,200'),
    )
    .addOption(
      new Option('--duration <time>', 'measured window of a point')
        .argParser(parseTime)
        .default(2 * NS_PER_SECOND, '2s'),
    )
    .option('--out <folder>', 'where results and reports go', INSTALLATION.out)
    .addHelpText('after', exampleText(['ceiling', '--connections', '1,100', '--backplane', 'memory']))
    .action(async (choices: CeilingChoices) => {
      const { ceiling } = await import('../verbs/ceiling.ts');
      process.exitCode = await ceiling({ ...ceilingOptions(choices), command: commandText(program.args) });
    });
}

interface CeilingChoices {
  readonly generator: CeilingOptions['generators'];
  readonly backplane?: NonNullable<CeilingOptions['backplanes']>;
  readonly connections: readonly number[];
  readonly duration: number;
  readonly out: string;
}

function ceilingOptions(choices: CeilingChoices): Omit<CeilingOptions, 'command'> {
  return {
    generators: choices.generator,
    backplanes: choices.backplane,
    asked: askedValues(choices),
    connections: choices.connections,
    windowNs: choices.duration,
    out: choices.out,
  };
}
