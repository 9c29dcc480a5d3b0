/** An answer without an end; EventSource would come back by itself, and say the last id that it had. What is said goes by POST. */
export function follow({ since, channels, user }, { live, told, over }) {
  const who = user === undefined ? '' : `&channels=${channels}&user=${user}`;
  const headers = { 'Content-Type': 'application/json' };
  const source = new EventSource(`/events?since=${since}${who}`);
  source.onopen = live;
  source.onmessage = ({ data }) => told(JSON.parse(data));
  source.onerror = () => {
    // It would come back by itself, and say nothing until then.
    source.close();
    over(new Error('the stream ended'));
  };

  async function say(command) {
    const body = JSON.stringify(command);
    return (await fetch(`/events?user=${user}`, { method: 'POST', headers, body })).json();
  }

  return { say, close: () => source.close() };
}
