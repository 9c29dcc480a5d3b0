// What the pages of a node share: its clock, and its entries in the compact form.
globalThis.nodeReader = (() => {
  /** What must be added to this page's clock to have the nodes', in milliseconds: as the quickest of some answers says. */
  const clock = { offsetMs: 0, roundTripMs: Number.POSITIVE_INFINITY };

  async function health() {
    const askedMs = performance.now();
    const answer = await (await fetch('/health', { cache: 'no-store' })).json();
    const answeredMs = performance.now();
    if (answeredMs - askedMs < clock.roundTripMs) {
      clock.roundTripMs = answeredMs - askedMs;
      clock.offsetMs = answer.monotonicNs / 1e6 - (askedMs + answeredMs) / 2;
    }
    return answer;
  }

  /** The compact form of an entry, as PROTOCOL.md has it; a 64-bit number of it is exact up to 2^53. */
  function readBinary(buffer) {
    const view = new DataView(buffer);
    const text = (from, to) => new TextDecoder().decode(new Uint8Array(buffer).subarray(from, to));
    const kind = text(0, 1);
    if (kind === 'N') return JSON.parse(text(1));
    const number = (at) => Number(view.getBigUint64(at));
    const header = { seq: number(1), dueNs: number(13), publishedNs: number(21) };
    if (kind === 'M') return { ...header, data: JSON.parse(text(29)) };
    const from = 35 + view.getUint8(33);
    const data = from + view.getUint8(34);
    const origin = { channel: text(35, from), from: text(from, data), n: view.getUint32(29) };
    return { ...header, ...origin, data: JSON.parse(text(data)) };
  }

  return {
    health,
    /** A message, a notice or a signal, in whatever form it came. */
    read: (entry) => (entry instanceof ArrayBuffer ? readBinary(entry) : entry),
    /** How long ago, in milliseconds, something was that happened at that time of the nodes' clock. */
    ageMs: (timeNs) => Math.max(0, performance.now() + clock.offsetMs - timeNs / 1e6),
    inMilliseconds: (ms) => {
      if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
      return `${ms >= 10 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
    },
  };
})();
