/**
 * What clients can do besides listening to the feed, whatever the transport, over a backplane whose nodes have one log. A
 * transport whose clients cannot do one of them says in its row why.
 */
export const ABILITIES = {
  say: 'says something, and is told its number in the log',
  'say-again': 'says it again under its number, and it is in the log once',
  'say-many': 'says many things without waiting, which come in their order',
  'say-large': 'says as much as a command may hold, to the byte',
  follow: 'gets what is said in its channels, and nothing else',
  direct: 'gets what is said to its user, in each of its connections',
  join: 'joins a channel, from a number on that it is told',
  leave: 'leaves a channel, from a number on that it is told',
  resume: 'comes back, and gets what was said in its channels meanwhile',
  presence: 'is told of users who come and go, once however many connections they have',
  welcome: 'is told who it is taken for and how many are there',
  typing: 'is told who is writing',
  forbid: 'may neither follow what is said to others nor say what nodes say',
  'token-url': 'shows a token in the query',
  'token-message': 'shows a token in the first that it says',
  'token-header': 'shows a token in a header',
  'token-cookie': 'shows a token in a cookie',
  refusal: 'is refused without a token, with a bad one, and with one that has expired',
  expiry: 'has to go when its token expires',
  'half-open': 'is found within two heartbeats when it is silently gone',
} as const;

export type Ability = keyof typeof ABILITIES;
export const ABILITY_IDS = Object.keys(ABILITIES) as [Ability, ...Ability[]];
