/** Every message comes in a frame of its own; so does what is said, and its answer. */
export function follow({ since, channels, user, values }, { live, told, over }) {
  const who = user === undefined ? '' : `&channels=${channels}&user=${user}`;
  const subprotocol = values.frames === 'binary' ? 'binary' : 'json';
  const socket = new WebSocket(`/ws?since=${since}${who}`, subprotocol);
  const answers = new Map();
  socket.binaryType = 'arraybuffer';
  socket.onopen = live;
  socket.onmessage = ({ data }) => {
    const entry = typeof data === 'string' ? JSON.parse(data) : data;
    if (entry.signal === 'answer') answers.get(entry.id)?.(entry);
    else told(entry);
  };
  socket.onclose = ({ code }) => over(new Error(`closed with ${code}`));

  function say(command) {
    const id = answers.size + 1;
    const { promise, resolve } = Promise.withResolvers();
    answers.set(id, resolve);
    socket.send(JSON.stringify({ ...command, id }));
    return promise;
  }

  return { say, close: () => socket.close() };
}
