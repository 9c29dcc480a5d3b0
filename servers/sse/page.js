/** An answer without an end; after a break EventSource comes back by itself, and says the last id that it had. */
export function follow({ since }, told, over) {
  const source = new EventSource(`/events?since=${since}`);
  source.onmessage = ({ data }) => told(JSON.parse(data));
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) over(new Error('refused'));
  };
  return () => source.close();
}
