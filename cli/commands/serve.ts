import { type Command, Option } from 'commander';
import { BACKPLANES, TRANSPORTS } from '../../servers/registry.ts';
import { exampleText } from '../command-text.ts';
import { parseAddress, parseCount, parseId, parseWords } from '../options.ts';
import type { ServeChoices } from '../verbs/serve.ts';

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('serve a feed, to look at it by hand')
    .addOption(new Option('--transport <id>', 'transport').argParser(parseId(TRANSPORTS)).default('websocket'))
    .addOption(new Option('--backplane <id>', 'backplane').argParser(parseId(BACKPLANES)).default('memory'))
    .addOption(
      new Option('--nodes <count>', 'how many nodes, on ports one after the other')
        .argParser(parseCount(1, 64))
        .default(1),
    )
    .addOption(
      new Option('--port <number>', 'port of the first node; 0 takes a free one')
        .argParser(parseCount(0, 65_535))
        .default(3001),
    )
    .addOption(
      new Option('--host <address>', 'address to listen on; only this machine can reach the default')
        .argParser(parseAddress)
        .default('127.0.0.1'),
    )
    .addOption(
      new Option(
        '--origin <origins>',
        'web pages that may ask besides those of the node itself, with commas between; * for all',
      )
        .argParser(parseWords)
        .default([], 'none'),
    )
    .option('--scenario <name>', 'whose feed to serve', 'ticker')
    .addHelpText('after', exampleText(['serve', '--transport', 'ws', '--backplane', 'redis', '--port', '3001']))
    .action(async (choices: ServeChoices) => {
      const { serve } = await import('../verbs/serve.ts');
      process.exitCode = await serve(choices);
    });
}
