/** Every message comes in a frame of its own. */
export function follow({ since, values }, told, over) {
  const subprotocol = values.frames === 'binary' ? 'binary' : 'json';
  const socket = new WebSocket(`/ws?since=${since}`, subprotocol);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => told(typeof data === 'string' ? JSON.parse(data) : data);
  socket.onclose = ({ code }) => over(new Error(`closed with ${code}`));
  return () => socket.close();
}
