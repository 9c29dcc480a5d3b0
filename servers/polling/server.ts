import { isListener } from '../answering/caller.ts';
import { routeCommands } from '../answering/commands.ts';
import { routeMessages, welcomeFor } from '../answering/polls.ts';
import { Answers, answerOf } from '../wire/http-answer.ts';
import type { OpenDoor } from '../transport.ts';

const PATH = '/messages';

export const openDoor: OpenDoor = (context) => {
  const { hub } = context;
  const answers = new Answers(hub.feed);
  routeMessages(context, PATH, {
    anybody: async (position) => answers.since(position),
    caller: async (caller, position) => {
      const { log, visit } = hub.visit(caller);
      const welcome = await welcomeFor(hub, caller, { visit, position });
      if (isListener(hub, caller)) return answers.behind(welcome, position);
      return answerOf([...welcome, ...(visit?.takeSignals() ?? []), ...log.since(position)]);
    },
  });
  routeCommands(context, PATH);
  return { drain: async () => undefined };
};
