/** Every message comes in a frame of its own; so does what is said, and its answer. */
export function follow({ since, channels, user, values }, { live, told, over }) {
  const who = user === undefined ? '' : `&channels=${channels}&user=${user}`;
  const subprotocol = values.frames === 'binary' ? 'binary' : 'json';
  const socket = new WebSocket(`/ws?since=${since}${who}`, subprotocol);
  const answers = new Map();
  let lastId = 0;
  socket.binaryType = 'arraybuffer';
  socket.onopen = live;
  socket.onmessage = ({ data }) => {
    const entry = read(data);
    if (entry.signal !== 'answer') {
      told(entry);
      return;
    }
    answers.get(entry.id)?.(entry);
    answers.delete(entry.id);
  };
  socket.onclose = ({ code }) =>
    over(new Error(`closed with ${code}`, { cause: { code: 'websocket-close', closeCode: code } }));

  /** In the compact form all but messages is text, behind an N. */
  function read(data) {
    if (typeof data === 'string') return JSON.parse(data);
    const bytes = new Uint8Array(data);
    return bytes[0] === 0x4e ? JSON.parse(new TextDecoder().decode(bytes.subarray(1))) : data;
  }

  function say(command) {
    lastId += 1;
    const { promise, resolve } = Promise.withResolvers();
    answers.set(lastId, resolve);
    socket.send(JSON.stringify({ ...command, id: lastId }));
    return promise;
  }

  return { say, close: () => socket.close() };
}
