import { type Command, Option } from 'commander';
import { Failure } from '../../scenarios/failures.ts';
import { BACKPLANES } from '../../servers/backplanes.ts';
import { TRANSPORT_IDS, TRANSPORTS } from '../../servers/registry.ts';
import { exampleText } from '../command-text.ts';
import { addServerDimensions, askedValues } from '../dimension-options.ts';
import { parseAddress, parseCount, parseId, parseIds, parseWords } from '../options.ts';
import type { ServeChoices } from '../verbs/serve.ts';

const MOST_PORT = 65_535;

export function addServe(program: Command): void {
  // What a node asks before it answers a poll is for measuring; here an origin is that of a web page.
  addServerDimensions(program.command('serve'), ['origin'])
    .description('serve a feed, to look at it by hand: every door on one port, with a page that shows them')
    .addOption(
      new Option('--transport <ids>', 'these doors alone, with commas between').argParser(parseIds(TRANSPORTS)),
    )
    .addOption(new Option('--backplane <id>', 'backplane').argParser(parseId(BACKPLANES)).default('memory'))
    .addOption(
      new Option('--port <number>', 'port of the first node, the others follow; 0 takes free ones')
        .argParser(parseCount(0, MOST_PORT))
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
    .option(
      '--token-key <file>',
      'let in who shows a token of this key alone: a key of Ed25519 as PEM, public or private, or a secret',
    )
    .option('--scenario <name>', 'whose feed to serve', 'ticker')
    .option(
      '--feed <name>',
      'serve the feed of that name in the Redis of REDIS_URL, which somebody else plays (publish): a node of several hosts',
    )
    .addHelpText('after', exampleText(['serve', '--backplane', 'redis', '--nodes', '3', '--port', '3001']))
    .action(async (options: ServeOptions) => {
      const { serve } = await import('../verbs/serve.ts');
      process.exitCode = await serve(serveChoices(options));
    });
}

interface ServeOptions extends Omit<ServeChoices, 'transports' | 'asked' | 'nodes'> {
  readonly transport?: ServeChoices['transports'];
}

/** A single node where nobody asks for more, whatever the backplane. */
function serveChoices(options: ServeOptions): ServeChoices {
  const asked = { nodes: [1], ...askedValues({ ...options, origin: undefined }) };
  const nodes = asked.nodes[0] ?? 1;
  if (options.port + nodes - 1 > MOST_PORT)
    throw new Failure(
      'usage',
      `--port ${options.port}: ${nodes} nodes take ports up to ${options.port + nodes - 1}, and ${MOST_PORT} is the last; choose a lower one`,
    );
  return { ...options, transports: options.transport ?? TRANSPORT_IDS, asked, nodes };
}
