/** Every message is an event of its own; what is said is one too, and its answer the acknowledgement. */
export function follow({ since, channels, user, values }, { live, told, over }) {
  const shapes = { websocket: ['websocket'], polling: ['polling'], upgrade: ['polling', 'websocket'] };
  const query = user === undefined ? { since } : { since, channels, user };
  const socket = io({ transports: shapes[values.shape ?? 'websocket'], query, forceNew: true });
  socket.on('connect', live);
  socket.on('m', told);
  socket.on('signal', told);
  socket.on('connect_error', over);
  // The library would come back by itself, and say nothing until then.
  socket.on('disconnect', (reason) => over(new Error(reason)));
  return { say: (command) => socket.emitWithAck('command', command), close: () => socket.close() };
}
