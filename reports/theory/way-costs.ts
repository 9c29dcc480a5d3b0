/**
 * What a way of getting messages costs for a demand that was not measured: the laws of predictions.ts, with the parameters of
 * one run. These functions stand on nothing but each other and their arguments, because the page has their text as it stands
 * here, and runs it.
 */

/** A variant as it was measured. */
export interface Way {
  readonly key: string;
  readonly name: string;
  readonly cadence: 'interval' | 'held' | 'push';
  /** P. */
  readonly messageBytes: number;
  /** On the wire beside the message: of a push; of an exchange, its answer with as many messages as there were. */
  readonly extraBytes: number;
  /** c: of the server for a delivery that is pushed, or for an answer. */
  readonly cpuNs: number;
  /** 1 where nothing is asked for; empty ones count. */
  readonly messagesPerAnswer: number;
  /** T, where clients poll; otherwise 0. */
  readonly intervalNs: number;
}

export interface CostModel {
  /** d, and what lies before a node can write: the publisher's lateness and the hop to the log. */
  readonly delayNs: number;
  readonly clients: number;
  readonly messagesPerSecond: number;
  readonly ways: readonly Way[];
}

export interface Demand {
  readonly messagesPerSecond: number;
  readonly clients: number;
  /** So old may 95 of 100 messages be. */
  readonly withinNs: number;
}

/** What a way asks for to meet a demand. */
export interface Offer {
  readonly key: string;
  readonly name: string;
  /** The longest that is fresh enough; 0 where nobody polls. */
  readonly intervalNs: number;
  readonly bytesPerSecond: number;
  /** Of the server, in a second, for each client. */
  readonly cpuNsPerSecond: number;
  readonly cores: number;
  /** How many times further than what was measured, the furthest of rate, interval and clients of a core. */
  readonly reach: number;
}

/** Of each way that can be fresh enough; those of one transport that polls at several intervals are one. */
export function offersOf(model: CostModel, demand: Demand): Offer[] {
  const nearest = new Map<string, Offer>();
  for (const way of model.ways) {
    const offer = offerOf(model, way, demand);
    const other = nearest.get(way.name);
    if (offer !== undefined && (other === undefined || offer.reach < other.reach)) nearest.set(way.name, offer);
  }
  return [...nearest.values()];
}

function offerOf(model: CostModel, way: Way, { messagesPerSecond, clients, withinNs }: Demand): Offer | undefined {
  const patienceNs = withinNs - model.delayNs * (way.cadence === 'held' ? 3 : 1);
  const intervalNs = way.cadence === 'interval' ? patienceNs / 0.95 : 0;
  if (patienceNs <= 0 || (way.cadence === 'interval' && intervalNs < Math.max(1e6, 2 * model.delayNs)))
    return undefined;
  const answersPerSecond = way.cadence === 'interval' ? 1e9 / intervalNs : messagesPerSecond;
  const messages = messagesPerSecond / answersPerSecond;
  // An answer costs no less than it was seen to cost, and as many times more as it holds more messages.
  const cpuNs = way.cpuNs * Math.max(1, messages / way.messagesPerAnswer);
  const cpuNsPerSecond = answersPerSecond * cpuNs;
  // A core is full at 70 %: beyond that, what comes by chance queues. Pushes wait for those before them, 95 of 100 for the core's.
  const byLoad = (0.7 * 1e9) / cpuNsPerSecond;
  const byWaiting = way.cadence === 'interval' ? Number.POSITIVE_INFINITY : patienceNs / (0.95 * way.cpuNs);
  const clientsPerCore = Math.floor(Math.min(byLoad, byWaiting));
  if (clientsPerCore < 1) return undefined;
  const cores = Math.ceil(clients / clientsPerCore);
  return {
    key: way.key,
    name: way.name,
    intervalNs,
    bytesPerSecond: messagesPerSecond * way.messageBytes + answersPerSecond * exchangeExtra(way, messages),
    cpuNsPerSecond,
    cores,
    reach: Math.max(
      timesApart(messagesPerSecond, model.messagesPerSecond),
      timesApart(clients, model.clients),
      way.cadence === 'interval' ? timesApart(intervalNs, way.intervalNs) : 1,
    ),
  };
}

/** More messages in an answer take more segments of 66 B, and an ACK for three in four of them. */
function exchangeExtra(way: Way, messages: number): number {
  const packets = (count: number): number => Math.max(1, Math.ceil((count * way.messageBytes) / 1448));
  const more = packets(messages) - packets(way.messagesPerAnswer);
  return Math.max(66, way.extraBytes + (way.cadence === 'interval' ? 66 * 1.75 * more : 0));
}

function timesApart(one: number, other: number): number {
  return Math.max(one / other, other / one);
}

/** The text of the functions, for a page: a script that leaves `offersOf` in `feedbench`. */
export function costScript(): string {
  const functions = [offersOf, offerOf, exchangeExtra, timesApart].map(String);
  return `(() => {\n${functions.join('\n')}\nglobalThis.feedbench = { offersOf };\n})();`;
}
