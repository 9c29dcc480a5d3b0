/** An answer without an end; EventSource would come back by itself, and say the last id that it had. What is said goes by POST. */
export function follow({ since, channels, user }, { live, told, over }) {
  const who = user === undefined ? '' : `&channels=${channels}&user=${user}`;
  const headers = { 'Content-Type': 'application/json' };
  let saying = Promise.resolve();
  const source = new EventSource(`/events?since=${since}${who}`);
  source.onopen = live;
  source.onmessage = ({ data }) => told(JSON.parse(data));
  source.onerror = () => {
    // An answer that is no stream closes it for good; after anything else it would come back by itself, and say nothing until then.
    const wasRefused = source.readyState === EventSource.CLOSED;
    source.close();
    if (wasRefused) over(new Error('the stream was refused'));
    else over(new Error('the stream ended', { cause: { code: 'connection-closed' } }));
  };

  async function post(command) {
    const body = JSON.stringify(command);
    return (await fetch(`/events?user=${user}`, { method: 'POST', headers, body })).json();
  }

  /** One after the other: two requests at once may be done in either order. */
  function say(command) {
    saying = saying.catch(() => undefined).then(() => post(command));
    return saying;
  }

  return { say, close: () => source.close() };
}
