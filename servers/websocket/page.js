/** Every message comes in a frame of its own. */
export function follow({ since }, told, over) {
  const socket = new WebSocket(`/ws?since=${since}`, 'json');
  socket.onmessage = ({ data }) => told(JSON.parse(data));
  socket.onclose = ({ code }) => over(new Error(`closed with ${code}`));
  return () => socket.close();
}
