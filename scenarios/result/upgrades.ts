/** A file that was written, as parsed JSON, with the schema that it names. */
type Written = Readonly<Record<string, unknown>> & { readonly schema: unknown };

/** Each takes a file of the version that is its key to the next one, and fills in what that version did not have. */
const UPGRADES: Readonly<Record<string, (file: Written) => Written>> = {
  'feedbench.result/1': (file) => ({
    ...file,
    schema: 'feedbench.result/2',
    // Ends were sentences among the remarks, where they stay.
    ...trialsWith(file, { sessionEnds: [] }),
  }),
};

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

/** The measured trials of a file with what they did not have; `fields` never wins over what is there. */
function trialsWith({ trials }: Written, fields: Readonly<Record<string, unknown>>): { trials: unknown } {
  if (!Array.isArray(trials)) return { trials };
  const upgradedTrial = (trial: unknown): unknown =>
    typeof trial === 'object' && trial !== null && 'state' in trial && trial.state === 'measured'
      ? { ...fields, ...trial }
      : trial;
  return { trials: trials.map(upgradedTrial) };
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && 'schema' in value;
}
