// What a page needs to hear the feed through each door, and nothing but what browsers have, or Socket.IO's own library. Each
// function resolves with the numbers of the first messages, or rejects.
globalThis.listen = (() => {
  const ENOUGH = 5;

  async function ask(path, base) {
    const numbers = [];
    for (let since = 0; numbers.length < ENOUGH; since = numbers.at(-1) ?? 0) {
      const answer = await fetch(`${base}${path}?since=${since}`);
      for (const { seq } of await answer.json()) numbers.push(seq);
    }
    return numbers.slice(0, ENOUGH);
  }

  /** `open` gets what takes a message, and what ends it all; it returns what closes. */
  function collect(open) {
    return new Promise((resolve, reject) => {
      const numbers = [];
      const close = open(({ seq }) => {
        numbers.push(seq);
        if (numbers.length === ENOUGH) {
          close();
          resolve(numbers);
        }
      }, reject);
    });
  }

  function withSocketIo(transports, base) {
    return collect((take, fail) => {
      const socket = io(base.replace(/^$/, location.origin), { transports, query: { since: 0 }, forceNew: true });
      socket.on('m', take);
      socket.on('connect_error', fail);
      return () => socket.close();
    });
  }

  return {
    polling: (base) => ask('/messages', base),
    'long-polling': (base) => ask('/next', base),
    sse: (base) =>
      collect((take, fail) => {
        const source = new EventSource(`${base}/events?since=0`);
        source.onmessage = ({ data }) => take(JSON.parse(data));
        source.onerror = () => source.readyState === EventSource.CLOSED && fail(new Error('refused'));
        return () => source.close();
      }),
    websocket: (base) =>
      collect((take, fail) => {
        const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/ws?since=0`, 'json');
        socket.onmessage = ({ data }) => take(JSON.parse(data));
        socket.onclose = ({ code }) => fail(new Error(`closed with ${code}`));
        return () => socket.close();
      }),
    'socketio websocket': (base) => withSocketIo(['websocket'], base),
    'socketio polling': (base) => withSocketIo(['polling'], base),
    'socketio upgrade': (base) => withSocketIo(['polling', 'websocket'], base),
  };
})();
