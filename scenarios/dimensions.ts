import { Failure } from './failures.ts';
import { PATH_DIMENSIONS } from './path/path-dimensions.ts';
import type { ReconnectPolicyId } from './reconnect/policy.ts';
import { exactRate, parseRate } from './path/rates.ts';
import { exactShare, parseShare } from './path/shares.ts';
import { type DurationBounds, exactDuration, parseDuration } from './units.ts';

/** What a scenario settles for all of its variants, unless a run asks for something else. */
export interface Usual {
  readonly pollIntervalNs: number;
}

/**
 * What the values are; a choice tells each of them in a line. Times are nanoseconds, and the id of such a dimension ends in
 * `Ns`; rates are bits a second; a share is from 0 to 1.
 */
type Values =
  | { readonly kind: 'choice'; readonly of: Readonly<Record<string, string>> }
  | { readonly kind: 'count'; readonly least: number; readonly most: number }
  | { readonly kind: 'time'; readonly bounds: Partial<DurationBounds> }
  | { readonly kind: 'rate'; readonly least: number; readonly most: number }
  | { readonly kind: 'share'; readonly most: number };

type Value = string | number;

export type DimensionOwner = 'transport' | 'backplane' | 'path';

interface Dimension {
  /** The option of the command line, and in capitals the variable of `make`. */
  readonly option: string;
  readonly label: string;
  readonly summary: string;
  /**
   * Whose row says which of the values there are. What lies on the path between clients and nodes is the same for all of them
   * (`servers/path.ts`), and a variant names of it what is not as usual alone.
   */
  readonly of: DimensionOwner;
  /** Means something only where that dimension, which stands before it in the table, is not as usual; elsewhere no variant has it. */
  readonly hangsOn?: string;
  /** What clients do by themselves: servers are not told. */
  readonly ofClients?: true;
  /** Of the path: clients have to do something for it, which not every one can. What else is on the path, none of them notices. */
  readonly asksClients?: true;
  /** What a generator does around sessions: a transport's own halves are not told either. */
  readonly ofGenerators?: true;
  readonly values: Values;
  /** What goes without saying in labels. */
  readonly usual: Value | ((usual: Usual) => Value);
  /** How a label says a value that is not the usual one. */
  readonly say: (text: string) => string;
}

/**
 * Every way in which variants differ besides transport and backplane: one row here, a word in the rows of the transports
 * or backplanes that have it, and the code that gives it meaning. The command line, planning, labels, the result file, the
 * CSV, the report and `list` follow from the row. Several values on the command line multiply.
 */
export const DIMENSIONS = {
  nodes: {
    option: 'nodes',
    label: 'nodes',
    summary: 'server nodes behind a backplane that is shared',
    of: 'backplane',
    values: { kind: 'count', least: 1, most: 64 },
    usual: 1,
    say: (text) => `× ${text}`,
  },
  headers: {
    option: 'headers',
    label: 'header profile',
    summary: 'what clients send with a request',
    of: 'transport',
    ofClients: true,
    values: {
      kind: 'choice',
      of: {
        browser: 'what a browser sends for a same-origin request, session and analytics cookies among it',
        minimal: 'nothing but what the protocol itself needs',
      },
    },
    usual: 'browser',
    say: (text) => `${text} headers`,
  },
  pollIntervalNs: {
    option: 'poll',
    label: 'poll interval',
    summary: 'poll interval, such as 3s',
    of: 'transport',
    ofClients: true,
    // Timers have whole milliseconds: clients cannot poll more often.
    values: { kind: 'time', bounds: { least: '1ms' } },
    usual: ({ pollIntervalNs }: Usual) => pollIntervalNs,
    say: (text) => `polls every ${text}`,
  },
  frames: {
    option: 'frames',
    label: 'frames',
    summary: 'how a message is written on a connection that takes both',
    of: 'transport',
    values: {
      kind: 'choice',
      of: {
        text: 'the message as JSON, in text frames',
        binary: 'a compact binary envelope with the data in it, in binary frames',
      },
    },
    usual: 'text',
    say: (text) => `${text} frames`,
  },
  compression: {
    option: 'compression',
    label: 'compression',
    summary: 'what servers compress for clients that can read it',
    of: 'transport',
    values: {
      kind: 'choice',
      of: {
        none: 'nothing',
        deflate: 'messages on a WebSocket, by permessage-deflate',
        gzip: 'answers over HTTP, by gzip',
      },
    },
    usual: 'none',
    say: (text) => `compressed by ${text}`,
  },
  shape: {
    option: 'shape',
    label: 'shape',
    summary: 'polling, WebSocket or both, for a library that can do either',
    of: 'transport',
    values: {
      kind: 'choice',
      of: {
        websocket: 'a WebSocket alone',
        polling: 'long-polling alone',
        upgrade:
          'long-polling at first, then an upgrade to WebSocket: what its clients do unless they are told otherwise',
      },
    },
    usual: 'websocket',
    say: (text) => (text === 'upgrade' ? 'polling, then upgrade' : `${text} alone`),
  },
  retry: {
    option: 'retry',
    label: 'retry',
    summary: 'what a stream tells its clients to wait before they come back',
    of: 'transport',
    values: {
      kind: 'choice',
      of: {
        none: 'nothing: a browser waits some 3 s',
        fixed: 'the same time for all clients',
        random: 'a time of its own for each client, so that they do not all come back at once',
      },
    },
    usual: 'none',
    say: (text) => `${text} retry`,
  },
  deliver: {
    option: 'deliver',
    label: 'deliver',
    summary: 'which messages clients get',
    of: 'transport',
    values: {
      kind: 'choice',
      of: {
        all: 'every one',
        latest: 'of those within a window, the newest of each key',
      },
    },
    usual: 'all',
    say: (text) => `${text} only`,
  },
  auth: {
    option: 'auth',
    label: 'token',
    summary: 'where clients show a token, which servers verify',
    of: 'transport',
    ofClients: true,
    values: {
      kind: 'choice',
      of: {
        none: 'nowhere: servers believe anybody',
        url: 'in the query of the request',
        message: 'in the first that they say on their connection',
        header: 'in the header Authorization, which no web page can send with an upgrade or an event stream',
        cookie: 'in a cookie',
      },
    },
    usual: 'none',
    say: (text) => `token by ${text}`,
  },
  reconnect: {
    option: 'reconnect',
    label: 'reconnect',
    summary: 'how clients come back whose connection has ended',
    of: 'transport',
    ofClients: true,
    ofGenerators: true,
    values: {
      kind: 'choice',
      of: {
        none: 'not at all',
        stock: 'as they do when they are left alone, if they do: who polls asks again with the next poll',
        guide:
          'after 1 s, twice as long after each try that fails, 30 s at most, and up to a fifth more; not after 10 tries',
        bare: 'the same without an end, and without anything left to chance',
        full: 'after any time up to that (full jitter)',
        equal: 'after half of that, and any time up to the other half (equal jitter)',
        decorrelated: 'after 1 s to three times what it waited last, 30 s at most (decorrelated jitter)',
        socketio: 'after 1 s, doubled, half of it more or less, and 5 s at most, as its own library does it',
        eventsource: 'as EventSource does it in Chromium: always after 3 s',
      } satisfies Record<ReconnectPolicyId | 'none' | 'stock', string>,
    },
    usual: 'none',
    say: (text) => `reconnect ${text}`,
  },
  recovery: {
    option: 'recovery',
    label: 'recovery',
    summary: 'who gives a client that comes back what it has missed',
    of: 'transport',
    values: {
      kind: 'choice',
      of: {
        none: 'the log, behind the number that the client says',
        library: "the library's server, as far as it remembers the session (connection state recovery)",
      },
    },
    usual: 'none',
    say: (text) => `recovery by the ${text}`,
  },
  ask: {
    option: 'ask',
    label: 'asking',
    summary: 'how clients poll',
    of: 'transport',
    ofClients: true,
    values: {
      kind: 'choice',
      of: {
        since: 'every interval, for what comes after the last that they have',
        etag: 'every interval, for the newest of each key as a whole, which is not sent again while it is the same (ETag, 304)',
        adaptive:
          'the same, twice as rarely after each answer that had nothing, up to four intervals, and back at once',
        hidden: 'the same, but not while their tab is hidden, as half of them are at any time',
      },
    },
    usual: 'since',
    say: (text) => (text === 'hidden' ? 'hidden tabs rest, ages while shown' : `${text} polls`),
  },
  origin: {
    option: 'backend',
    label: 'origin',
    summary: 'what a node asks before it answers a poll',
    of: 'transport',
    values: {
      kind: 'choice',
      of: {
        memory: 'itself: the feed is in its memory',
        redis: 'how far the feed is, by a read from Redis',
        work: 'what takes a millisecond of its CPU, as a page that is made for each request',
      },
    },
    usual: 'memory',
    say: (text) => `${text} behind polls`,
  },
  cache: {
    option: 'cache',
    label: 'cache',
    summary: 'whether the polls of a node share what it asked',
    of: 'transport',
    values: {
      kind: 'choice',
      of: {
        none: 'each is answered from a read of its own',
        shared: 'for a second, and who comes meanwhile waits for the same read',
      },
    },
    usual: 'none',
    say: (text) => `${text} cache`,
  },
  keepalive: {
    option: 'keepalive',
    label: 'connection',
    summary: 'whether a connection outlives an answer',
    of: 'transport',
    values: {
      kind: 'choice',
      of: {
        warm: 'all polls of a client go over one',
        cold: 'each poll opens its own, as where servers keep them for less than an interval',
      },
    },
    usual: 'warm',
    say: (text) => `${text} connections`,
  },
  http: {
    option: 'http',
    label: 'version of HTTP',
    summary: 'which HTTP clients speak',
    of: 'transport',
    ofGenerators: true,
    values: {
      kind: 'choice',
      of: {
        '1.1': 'a connection for each request that is held, and heads as text',
        '2': 'one connection for all requests of a client, heads compressed (HPACK), WebSockets in streams of it (RFC 8441)',
      },
    },
    usual: '1.1',
    say: (text) => `over HTTP/${text}`,
  },
  ...PATH_DIMENSIONS,
} as const satisfies Record<string, Dimension>;

export type DimensionId = keyof typeof DIMENSIONS;
export type ValueOf<Id extends DimensionId> = (typeof DIMENSIONS)[Id]['values'] extends { kind: 'choice'; of: infer Of }
  ? keyof Of & string
  : number;

/** The values of one variant: of each dimension that it has. */
export type DimensionValues = { readonly [Id in DimensionId]?: ValueOf<Id> };

/** What a run asks for: of some dimensions, one value or several. */
export type AskedValues = { readonly [Id in DimensionId]?: readonly ValueOf<Id>[] };

/** Which dimensions a transport or a backplane has; one that it does not name, it does not have. */
export type Offers = { readonly [Id in DimensionId]?: Offer<ValueOf<Id>> };

interface Offer<V> {
  /** Absent: all that the dimension has. */
  readonly only?: readonly V[];
  /** What is measured where nobody asks. Absent: what is usual. */
  readonly otherwise?: readonly V[];
}

export const DIMENSION_IDS = Object.keys(DIMENSIONS) as [DimensionId, ...DimensionId[]];

export function isDimensionId(id: string): id is DimensionId {
  return Object.hasOwn(DIMENSIONS, id);
}

/** Whether all clients are the same for it: it is no business of theirs. */
export function passesClients(id: DimensionId): boolean {
  const { of, asksClients = false } = dimension(id);
  return of === 'path' && !asksClients;
}

/** The row, with the types of its columns rather than its own. */
export function dimension(id: DimensionId): Dimension {
  return DIMENSIONS[id];
}

export function usualValue<Id extends DimensionId>(id: Id, scenario: Usual): ValueOf<Id> {
  const { usual } = dimension(id);
  return (typeof usual === 'function' ? usual(scenario) : usual) as ValueOf<Id>;
}

/** What a variant has of a dimension: of the path also what is usual, which it does not name. Undefined: it does not have it. */
export function valueOf(id: DimensionId, values: Readonly<Record<string, Value>>): Value | undefined {
  const { of, usual, hangsOn } = dimension(id);
  if (values[id] !== undefined || of !== 'path' || typeof usual === 'function') return values[id];
  return hangsOn === undefined || values[hangsOn] !== undefined ? usual : undefined;
}

/** Whether a variant's value, if it has one, may go without saying: what depends on the scenario may. */
export function isUsual(id: DimensionId, values: DimensionValues): boolean {
  const { usual } = dimension(id);
  return values[id] === undefined || typeof usual === 'function' || values[id] === usual;
}

/** Of the text of an option, or of what stands at another `place`. Throws `usage`. */
export function parseValue<Id extends DimensionId>(
  id: Id,
  text: string,
  place = `--${dimension(id).option}`,
): ValueOf<Id> {
  return parse(dimension(id).values, text, place) as ValueOf<Id>;
}

function parse(values: Values, text: string, name: string): Value {
  switch (values.kind) {
    case 'choice':
      if (Object.hasOwn(values.of, text)) return text;
      throw new Failure('usage', `${name}: there is no "${text}"; there are ${Object.keys(values.of).join(', ')}`);
    case 'count':
      if (/^\d+$/.test(text) && Number(text) >= values.least && Number(text) <= values.most) return Number(text);
      throw new Failure('usage', `${name}: "${text}" is not a whole number from ${values.least} to ${values.most}`);
    case 'time':
      return parseDuration(text, name, values.bounds);
    case 'rate':
      return parseRate(text, name, values);
    case 'share':
      return parseShare(text, name, values.most);
    default:
      return values satisfies never;
  }
}

/** The first value that is none of its dimension's; of dimensions that are not known nothing is said. */
export function wrongValue(values: Readonly<Record<string, Value>>): { path: string[]; message: string } | undefined {
  for (const [id, value] of Object.entries(values)) {
    const expected = isDimensionId(id) && dimension(id).values.kind !== 'choice' ? 'number' : 'string';
    if (isDimensionId(id) && typeof value !== expected) return { path: [id], message: `expected a ${expected}` };
  }
  return undefined;
}

/** As the command line takes it: `3`, `minimal`, `1.5s`. */
export function optionText(id: DimensionId, value: Value): string {
  return valueText(id, value).replace(' ', '').replace('µ', 'u');
}

/** For people: `3`, `minimal`, `1.5 s`. */
export function valueText(id: DimensionId, value: Value): string {
  return typeof value === 'number' ? NUMBER_TEXTS[dimension(id).values.kind](value) : value;
}

const NUMBER_TEXTS: Readonly<Record<Values['kind'], (value: number) => string>> = {
  choice: String,
  count: String,
  time: exactDuration,
  rate: exactRate,
  share: exactShare,
};
