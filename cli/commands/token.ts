import { type Command, InvalidArgumentError, Option } from 'commander';
import { isUser } from '../../scenarios/feed/channels.ts';
import { NS_PER_SECOND } from '../../scenarios/units.ts';
import { exampleText } from '../command-text.ts';
import { parseTime } from '../options.ts';

const HOUR_NS = 3600 * NS_PER_SECOND;

export function addToken(program: Command): void {
  program
    .command('token')
    .description('print a token for a client of a node that wants one (serve --token-key)')
    .requiredOption('--key <file>', 'what the node was given, but no public key')
    .addOption(new Option('--user <name>', 'who it is for').argParser(parseUser).makeOptionMandatory())
    .addOption(new Option('--good-for <time>', 'how long it is good').argParser(parseTime).default(HOUR_NS, '1h'))
    .addHelpText('after', exampleText(['token', '--key', 'key.pem', '--user', 'ann']))
    .action(async (options: TokenOptions) => {
      const { token } = await import('../verbs/token.ts');
      process.exitCode = await token({ key: options.key, user: options.user, goodForNs: options.goodFor });
    });
}

interface TokenOptions {
  readonly key: string;
  readonly user: string;
  readonly goodFor: number;
}

function parseUser(text: string): string {
  if (isUser(text)) return text;
  throw new InvalidArgumentError('It must be a name of letters, digits, "-", ".", "_", "~", ":".');
}
