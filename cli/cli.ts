import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { TRANSPORTS } from '../servers/registry.ts';
import { addCalibrate } from './commands/calibrate.ts';
import { addCeiling } from './commands/ceiling.ts';
import { addClaims } from './commands/claims.ts';
import { addCompare } from './commands/compare.ts';
import { addInit } from './commands/init.ts';
import { addList } from './commands/list.ts';
import { addMerge } from './commands/merge.ts';
import { addPlan } from './commands/plan.ts';
import { addPublish } from './commands/publish.ts';
import { addRace } from './commands/race.ts';
import { addReport } from './commands/report.ts';
import { addRun } from './commands/run.ts';
import { addSchema } from './commands/schema.ts';
import { addServe } from './commands/serve.ts';
import { addToken } from './commands/token.ts';
import { exitCodeFor, exitCodeText } from './exit-codes.ts';
import { MAKE, makeHelpText, setUpWords, verbWords } from './make-words.ts';
import { complain, print, printText } from './terminal.ts';

/** A verb's words are declared in `commands/`; what it does is loaded when it is called. */
const VERBS = [
  addRun,
  addPlan,
  addList,
  addInit,
  addSchema,
  addCeiling,
  addCalibrate,
  addClaims,
  addReport,
  addCompare,
  addServe,
  addPublish,
  addMerge,
  addRace,
  addToken,
];

function newProgram(): Command {
  const program = new Command('feedbench')
    .description(`What ${transports()} cost for one feed, and how fresh it arrives.`)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => printText(text.trimEnd()), outputError: (text) => complain(oneLine(text)) })
    .version(`feedbench ${manifest.version} (Node ${process.version})`)
    .addHelpText('after', `\n${exitCodeText()}`);
  for (const addVerb of VERBS) addVerb(program);
  return program;
}

function transports(): string {
  return new Intl.ListFormat('en-GB').format(Object.values(TRANSPORTS).map(({ label }) => label));
}

function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', ' ');
}

/** For the Makefile: `make help`, `make needs <target> …`, or `make <target> …`, which is the verb itself. */
async function callFromMake(words: readonly string[]): Promise<void> {
  const program = newProgram();
  const [first, ...rest] = words;
  if (first === 'help') printText(makeHelpText(program));
  else if (first === 'needs') print((await setUpWords(program, verbWords(program, rest))).join(' '));
  else await program.parseAsync(verbWords(program, words), { from: 'user' });
}

try {
  const [first, ...rest] = process.argv.slice(2);
  if (first === MAKE) await callFromMake(rest);
  else await newProgram().parseAsync();
} catch (error) {
  process.exitCode = await exitCodeFor(error);
}
