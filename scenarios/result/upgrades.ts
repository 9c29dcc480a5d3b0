/** A file that was written, as parsed JSON, with the schema that it names. */
type Written = Readonly<Record<string, unknown>> & { readonly schema: unknown };

/** Each takes a file of the version that is its key to the next one, and fills in what that version did not have. */
const UPGRADES: Readonly<Record<string, (file: Written) => Written>> = {
  'feedbench.result/1': ({ headers, ...file }) => ({
    ...file,
    schema: 'feedbench.result/2',
    transports: framed(file.transports),
    trials: each(file.trials, (trial) => ({
      ...(trial.state === 'measured' ? measuredSince2(trial) : trial),
      variant: valuedVariant(trial.variant, { ...file, headers }),
    })),
  }),
  'feedbench.result/2': (file) => ({
    ...file,
    schema: 'feedbench.result/3',
    transports: withLooks(file.transports),
    campaign: null,
    noise: [],
    trials: each(file.trials, (trial) => ({
      ...trial,
      copy: false,
      attempt: 1,
      ...(isFields(trial.machine) && { machine: { ...trial.machine, yardstick: null } }),
    })),
  }),
  'feedbench.result/3': (file) => ({
    ...file,
    schema: 'feedbench.result/4',
    workload: isFields(file.workload) ? { ...file.workload, faults: [] } : file.workload,
    trials: each(file.trials, (trial) =>
      trial.state === 'measured' ? { ...trial, presence: [], disruption: null } : trial,
    ),
  }),
};

type Fields = Readonly<Record<string, unknown>>;

const NOT_LOOKED_AT = { kind: 'n/a', reason: 'version 1 of the result file did not keep it' };

/**
 * Session ends as values (they were sentences among the remarks, where they stay), waiting for a core and what else went on
 * on the machine are of version 2. Messages were not held against the schedule before.
 */
function measuredSince2(trial: Fields): Fields {
  return {
    sessionEnds: [],
    ...trial,
    machine: null,
    audit: isFields(trial.audit) ? { misplaced: null, ...trial.audit } : trial.audit,
    sources: {
      throttledTime: NOT_LOOKED_AT,
      coresBusy: NOT_LOOKED_AT,
      coordinatorCpu: NOT_LOOKED_AT,
      ...(isFields(trial.sources) && trial.sources),
    },
    processes: each(trial.processes, (process) => ({ ...process, waitNsPerBin: null })),
  };
}

/** Of version 1 there was one transport that pushes, and its frames are those of RFC 6455, section 5.2. */
const WEBSOCKET_FRAMING = [
  { fromBytes: 0, addsBytes: 2 },
  { fromBytes: 126, addsBytes: 4 },
  { fromBytes: 65_536, addsBytes: 10 },
];

function framed(transports: unknown): unknown {
  if (!isFields(transports)) return transports;
  return Object.fromEntries(
    Object.entries(transports).map(([id, traits]) => [
      id,
      isFields(traits) && traits.cadence === 'push' ? { ...traits, framing: WEBSOCKET_FRAMING } : traits,
    ]),
  );
}

/** The transports that there were up to version 2 look as they do in newer files. */
const LOOKS: Fields = {
  polling: { colour: 'vermillion', shape: 'circle' },
  'long-polling': { colour: 'blue', shape: 'square' },
  sse: { colour: 'pink', shape: 'triangle' },
  websocket: { colour: 'green', shape: 'diamond' },
  socketio: { colour: 'ink', shape: 'plus' },
};

function withLooks(transports: unknown): unknown {
  if (!isFields(transports)) return transports;
  return Object.fromEntries(
    Object.entries(transports).map(([id, traits]) => [
      id,
      isFields(traits) && id in LOOKS ? { ...traits, look: LOOKS[id] } : traits,
    ]),
  );
}

/** What is not as it should be is left for the schema to complain of. */
function each(list: unknown, change: (item: Fields) => Fields): unknown {
  return Array.isArray(list) ? list.map((item: unknown) => (isFields(item) ? change(item) : item)) : list;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/**
 * A file of any version that was ever written, as the newest one: results are compared years later, so every version
 * stays readable. What is no such file comes back as it is, for the schema to say what is wrong with it.
 */
export function upgraded(value: unknown): unknown {
  let file = value;
  while (isWritten(file)) {
    const upgrade = UPGRADES[String(file.schema)];
    if (upgrade === undefined) break;
    file = upgrade(file);
  }
  return file;
}

/** Nodes, headers and the poll interval became values of each variant, by dimension. */
function valuedVariant(variant: unknown, { workload, transports, headers }: Fields): unknown {
  if (!isFields(variant)) return variant;
  const { nodes, ...names } = variant;
  const transport = isFields(transports) ? transports[String(names.transport)] : undefined;
  const polls = isFields(workload) && isFields(transport) && transport.cadence === 'interval';
  return { ...names, values: { nodes, headers, ...(polls && { pollIntervalNs: workload.pollIntervalNs }) } };
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && 'schema' in value;
}
