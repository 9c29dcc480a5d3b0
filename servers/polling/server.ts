import { deliversLatest } from '../../scenarios/feed/conflation.ts';
import { isListener } from '../answering/caller.ts';
import { routeCommands } from '../answering/commands.ts';
import { openOrigin } from '../answering/origin.ts';
import { routeMessages, welcomeFor } from '../answering/polls.ts';
import { answerOf } from '../wire/http-answer.ts';
import type { OpenDoor } from '../transport.ts';

const PATH = '/messages';

export const openDoor: OpenDoor = (context) => {
  const { hub, options, feedIdentity } = context;
  const origin = openOrigin(context);
  routeMessages(context, PATH, {
    anybody: async (position) => origin.since(position),
    ...(deliversLatest(options.values) && { state: { identity: feedIdentity, read: origin.state } }),
    caller: async (caller, position) => {
      const { log, visit } = hub.visit(caller);
      const welcome = await welcomeFor(hub, caller, { visit, position });
      if (isListener(hub, caller)) return origin.behind(welcome, position);
      const entries = await origin.inView(log, position);
      return answerOf([...welcome, ...(visit?.takeSignals() ?? []), ...entries]);
    },
  });
  routeCommands(context, PATH);
  return { drain: async () => undefined };
};
