import { openFeed } from '../inside/http-feed.ts';
import { subscriberOptions } from '../inside/settings.ts';
import { finish, prepare, type Start, thisSubscriber } from '../inside/subscriber.ts';

/**
 * Subscribers of a feedbench node over long-polling: GET /next?since=, held until there is a message or the node's
 * hold time is over, and asked again as soon as it is answered.
 *
 *   k6 run load/k6/scripts/long-polling.ts -e URL=http://127.0.0.1:3001 -e CLIENTS=200 -e DURATION=30s -e MAX_STALENESS=100ms
 *
 * URL            the node, or several with commas between; clients are spread over them
 * CLIENTS        how many subscribers, one VU each (50)
 * DURATION       how long they listen (10s)
 * MAX_STALENESS  the staleness that 99 % of deliveries may have at most; beyond it k6 exits with 99
 * CLOCK_OFFSET_NS  wall clock minus the nodes' monotonic clock, for nodes that do not tell it
 * PUBLISHER      who plays the feed where several k6 load one cluster (`feedbench publish`): it tells the rest
 *
 * Besides k6's own metrics: staleness (from when a message was due to when it can be read here), delivered, lost,
 * duplicated, reordered, misplaced, foreign, unexpected_closes, answers, empty_answers; any of lost to foreign makes k6 exit
 * with 99 too. Only messages from the start of the test on count. The checksum of a message is not looked at.
 */
export const options = subscriberOptions();

export function setup(): Start {
  return prepare('long-polling');
}

export function teardown(start: Start): void {
  finish(start);
}

export function subscribe(start: Start): void {
  const subscriber = thisSubscriber(start, { blocks: true });
  const { observer } = subscriber;
  const request = openFeed('/next', subscriber, start);
  while (request(observer.waiting()));
}
