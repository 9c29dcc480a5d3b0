import { Answers, routeMessages } from '../wire/http-answer.ts';
import type { OpenDoor } from '../transport.ts';

export const openDoor: OpenDoor = ({ app, log }) => {
  const answers = new Answers(log);
  routeMessages(app, async (position) => answers.since(position));
  return { drain: async () => undefined };
};
