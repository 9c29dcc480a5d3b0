/** An answer without an end; EventSource would come back by itself, and say the last id that it had. */
export function follow({ since }, told, over) {
  const source = new EventSource(`/events?since=${since}`);
  source.onmessage = ({ data }) => told(JSON.parse(data));
  source.onerror = () => {
    // It would come back by itself, and say nothing until then.
    source.close();
    over(new Error('the stream ended'));
  };
  return () => source.close();
}
