/** An answer without an end; EventSource, if it is let, comes back by itself, and says the last id that it had. What is said goes by POST. */
export function follow({ since, channels, user, staysOpen }, { live, told, over, away }) {
  const who = user === undefined ? '' : `&channels=${channels}&user=${user}`;
  const headers = { 'Content-Type': 'application/json' };
  let saying = Promise.resolve();
  const source = new EventSource(`/events?since=${since}${who}`);
  let wasLive = false;
  source.onopen = () => {
    wasLive = true;
    live();
  };
  source.onmessage = ({ data }) => told(JSON.parse(data));
  source.onerror = () => {
    // An answer that is no stream closes it for good; after anything else it comes back by itself, and says nothing until then.
    const wasRefused = source.readyState === EventSource.CLOSED;
    if (!wasRefused && wasLive && staysOpen) {
      away();
      return;
    }
    source.close();
    if (wasRefused) over(new Error('the stream was refused', { cause: { code: 'protocol', cause: 'content-type' } }));
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
