// A subscriber in a page: it follows the feed by the function that pages of a node show, and tells the worker that drives the
// page what comes, as text, and when it was there. What it counts and checks is the worker's business.
globalThis.feedbench = (() => {
  const TELL_EVERY_MS = 100;
  /** Of the values that were parsed: their text, and when it had been read. */
  const sources = new WeakMap();
  const parseJson = JSON.parse;
  let lines = [];
  let timer;
  let client;

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length > 0) tellFeedbench(JSON.stringify(lines));
    lines = [];
  }

  function tell(line) {
    lines.push(line);
    timer ??= setTimeout(flush, TELL_EVERY_MS);
  }

  function tellNow(line) {
    tell(line);
    flush();
  }

  /** The texts of what stands in the text of a JSON array. */
  function elementsOf(text) {
    const elements = [];
    let depth = 0;
    let isQuoted = false;
    let start = text.indexOf('[') + 1;
    for (let at = start; at < text.length; at++) {
      const sign = text[at];
      if (isQuoted && sign === '\\') at += 1;
      else if (sign === '"') isQuoted = !isQuoted;
      else if (!isQuoted && (sign === '{' || sign === '[')) depth += 1;
      else if (!isQuoted && depth > 0 && (sign === '}' || sign === ']')) depth -= 1;
      else if (!isQuoted && depth === 0 && (sign === ',' || sign === ']')) {
        elements.push(text.slice(start, at).trim());
        start = at + 1;
      }
    }
    return elements;
  }

  function keep(value, text, atMs) {
    if (typeof value !== 'object' || value === null) return;
    sources.set(value, { text, atMs });
    if (!Array.isArray(value)) return;
    for (const [index, part] of elementsOf(text).entries()) {
      const element = value[index];
      if (typeof element === 'object' && element !== null) sources.set(element, { text: part, atMs });
    }
  }

  // Whatever parses, the page's own code or a library: the text of an entry is what its checksum is of, and before it is parsed
  // is when it could be read.
  JSON.parse = (text, reviver) => {
    const atMs = performance.now();
    try {
      const value = parseJson(text, reviver);
      keep(value, text, atMs);
      return value;
    } catch (error) {
      client?.foreign(text);
      throw error;
    }
  };
  Response.prototype.json = async function json() {
    const asker = client;
    const value = JSON.parse(await this.text());
    if (Array.isArray(value)) asker?.answered(value);
    return value;
  };

  function base64(buffer) {
    return btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''));
  }

  /** Undefined of an error that does not say more than its words. */
  function endOf(error) {
    return error?.cause?.code === undefined ? { code: 'other', text: String(error?.message ?? error) } : error.cause;
  }

  class Client {
    constructor({ session, transport, options, grid }) {
      Object.assign(this, { session, grid, options, follow: followers[transport], last: options.since });
      Object.assign(this, { isLive: false, isAway: false });
    }

    /** Who may be cut off behind a message is so before the next one comes. */
    tell(line) {
      if (this.options.staysOpen) this.tellNow(line);
      else if (client === this) tell({ session: this.session, ...line });
    }

    tellNow(line) {
      if (client === this) tellNow({ session: this.session, ...line });
    }

    /** Follows other channels from where it is, which it returns; what it had until now is let go of when that stands. */
    askAnew(channels) {
      clearTimeout(this.waiting);
      const since = this.last;
      if (this.grid === undefined) this.begin(channels, since);
      // Whoever asks every so often does from the next moment on at which it is due.
      else this.waiting = setTimeout(() => this.begin(channels, this.last), this.untilDueMs());
      return since ?? 0;
    }

    untilDueMs() {
      const { originMs, intervalMs } = this.grid;
      const passed = (performance.now() - originMs) / intervalMs;
      return (Math.ceil(passed) - passed) * intervalMs;
    }

    begin(channels, since) {
      const turn = {};
      // One that does not stand yet is let go of at once.
      if (this.before === undefined) this.before = this.stream;
      else this.stream?.close();
      this.turn = turn;
      this.stream = this.follow(
        { ...this.options, channels, since },
        {
          live: () => this.turn === turn && this.live(),
          told: (entry) => (this.turn === turn ? this.told(entry) : this.last),
          over: (error) => this.turn === turn && this.over(error),
          away: () => this.turn === turn && this.away(),
        },
      );
    }

    live() {
      this.before?.close();
      this.before = undefined;
      if (this.isAway) this.tellNow({ kind: 'back' });
      else if (!this.isLive) this.tellNow({ kind: 'live' });
      this.isLive = true;
      this.isAway = false;
    }

    away() {
      this.tellNow({ kind: this.isAway ? 'failed' : 'away' });
      this.isAway = true;
    }

    /** Returns where the feed goes on. */
    told(entry) {
      if (entry instanceof ArrayBuffer) this.tell({ kind: 'bytes', base64: base64(entry), atMs: performance.now() });
      else {
        const { text = JSON.stringify(entry), atMs = performance.now() } = sources.get(entry) ?? {};
        this.tell({ kind: 'entry', text, atMs });
        const { seq, notice, to, latest } = entry ?? {};
        if (notice === 'reset') this.last = latest;
        else this.last = Math.max(this.last ?? 0, notice === 'gap' ? to : (seq ?? 0));
      }
      return this.last;
    }

    answered(entries) {
      const messages = entries.filter((entry) => entry?.seq !== undefined).length;
      this.tell({ kind: 'answered', messages, atMs: sources.get(entries).atMs });
    }

    foreign(text) {
      this.tell({ kind: 'entry', text, atMs: performance.now() });
    }

    over(error) {
      this.tellNow({ kind: 'over', end: endOf(error) });
      this.end();
    }

    say(number, command) {
      if (this.stream === undefined) return;
      Promise.resolve(this.stream.say(command)).then(
        (answer) => {
          const { text = JSON.stringify(answer), atMs = performance.now() } = sources.get(answer) ?? {};
          this.tell({ kind: 'answer', number, text, atMs });
        },
        (error) => this.over(error),
      );
    }

    end() {
      clearTimeout(this.waiting);
      this.turn = undefined;
      this.before?.close();
      this.stream?.close();
      this.before = undefined;
      this.stream = undefined;
      if (client === this) client = undefined;
    }
  }

  /**
   * What a page speaks to its host, where it has asked for something: every page has that comes from there, and without it Chromium
   * opens a WebSocket over HTTP/1.1, as it knows of no connection that could carry it.
   */
  async function greet() {
    await (await fetch('/health')).arrayBuffer();
    return performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/health'))?.nextHopProtocol;
  }

  return {
    follow: (settings) => {
      client?.end();
      client = new Client(settings);
      client.askAnew(settings.options.channels);
    },
    askAnew: (channels) => client?.askAnew(channels),
    say: (number, command) => client?.say(number, command),
    end: () => client?.end(),
    greet,
  };
})();
