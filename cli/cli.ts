import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { addCeiling } from './commands/ceiling.ts';
import { addList } from './commands/list.ts';
import { addReport } from './commands/report.ts';
import { addRun } from './commands/run.ts';
import { addServe } from './commands/serve.ts';
import { exitCodeFor, exitCodeText } from './exit-codes.ts';
import { complain, printText } from './terminal.ts';

/** A verb's words are declared in `commands/`; what it does is loaded when it is called. */
const VERBS = [addRun, addList, addCeiling, addReport, addServe];

function program(): Command {
  const command = new Command('feedbench')
    .description('What HTTP polling, long-polling and WebSocket cost for one feed, and how fresh it arrives.')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => printText(text.trimEnd()), outputError: (text) => complain(oneLine(text)) })
    .version(`feedbench ${manifest.version} (Node ${process.version})`)
    .addHelpText('after', `\n${exitCodeText()}`);
  for (const addVerb of VERBS) addVerb(command);
  return command;
}

function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', ' ');
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = await exitCodeFor(error);
}
