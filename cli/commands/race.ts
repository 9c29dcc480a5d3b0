import { type Command, Option } from 'commander';
import { TRANSPORTS } from '../../servers/registry.ts';
import { exampleText } from '../command-text.ts';
import { parseAddress, parseCount, parseIds } from '../options.ts';
import { MOST_DELAY_MS } from '../racing/race-lines.ts';
import type { RaceChoices } from '../verbs/race.ts';

const MOST_PORT = 65_535;

export function addRace(program: Command): void {
  program
    .command('race')
    .description(
      'show one feed through all transports side by side in a page: age, requests and bytes, with a delay to play with',
    )
    .addOption(
      new Option('--transport <ids>', 'these lanes alone, with commas between').argParser(parseIds(TRANSPORTS)),
    )
    .option('--scenario <name>', 'whose feed to show', 'ticker')
    .addOption(
      new Option('--port <number>', 'port of the page; 0 takes a free one, as the lanes do')
        .argParser(parseCount(0, MOST_PORT))
        .default(3000),
    )
    .addOption(
      new Option('--host <address>', 'address to listen on; only this machine can reach the default')
        .argParser(parseAddress)
        .default('127.0.0.1'),
    )
    .addOption(
      new Option('--delay <ms>', 'what every line delays at first, each way, in milliseconds')
        .argParser(parseCount(0, MOST_DELAY_MS))
        .default(0),
    )
    .addHelpText('after', exampleText(['race', '--scenario', 'ticker', '--delay', '50']))
    .action(async ({ delay, transport, ...options }: RaceOptions) => {
      const { race } = await import('../verbs/race.ts');
      process.exitCode = await race({
        ...options,
        delayMs: delay,
        ...(transport !== undefined && { transports: transport }),
      });
    });
}

interface RaceOptions extends Omit<RaceChoices, 'transports' | 'delayMs'> {
  readonly transport?: NonNullable<RaceChoices['transports']>;
  readonly delay: number;
}
