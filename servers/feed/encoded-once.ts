import type { Entry } from './log.ts';

/**
 * Entries in another form, each made once however many clients it goes to, for as long as the log holds the entry. The
 * newest one, which goes to all that follow, costs a comparison.
 */
export class EncodedOnce<Form> {
  readonly #encode: (entry: Entry) => Form;
  readonly #forms = new WeakMap<Entry, { readonly form: Form }>();
  #newest: { readonly entry: Entry; readonly form: Form } | undefined;

  constructor(encode: (entry: Entry) => Form) {
    this.#encode = encode;
  }

  of(entry: Entry): Form {
    if (this.#newest?.entry === entry) return this.#newest.form;
    const known = this.#forms.get(entry);
    const form = known === undefined ? this.#encode(entry) : known.form;
    if (known === undefined) this.#forms.set(entry, { form });
    this.#newest = { entry, form };
    return form;
  }
}
