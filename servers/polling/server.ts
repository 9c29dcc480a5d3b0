import { Answers, routeMessages } from '../wire/http-answer.ts';
import type { OpenDoor } from '../transport.ts';

export const openDoor: OpenDoor = (context) => {
  const answers = new Answers(context.log);
  routeMessages(context, '/messages', async (position) => answers.since(position));
  return { drain: async () => undefined };
};
