/** The library comes back by itself, and then says where the feed goes on. */
export function follow({ since, values }, told, over) {
  const shapes = { websocket: ['websocket'], polling: ['polling'], upgrade: ['polling', 'websocket'] };
  const query = { since };
  const socket = io({ transports: shapes[values.shape ?? 'websocket'], query, forceNew: true });
  socket.on('m', (entry) => {
    query.since = told(entry);
  });
  socket.on('connect_error', over);
  return () => socket.close();
}
