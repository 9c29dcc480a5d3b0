import { expect, test } from 'vitest';
import { isOrigin, notAnOrigin, Origins } from './origins.ts';

test.each(['*', 'https://app.example', 'http://127.0.0.1:3000', 'http://[::1]:3000', 'capacitor://localhost'])(
  '%s can be opened to',
  (text) => {
    expect(isOrigin(text)).toBe(true);
  },
);

test.each([
  ['https://app.example/', 'https://app.example'],
  ['https://APP.example', 'https://app.example'],
  ['https://app.example:443', 'https://app.example'],
  ['https://user@app.example/page', 'https://app.example'],
  ['app.example', 'https://app.example'],
  ['*.example', 'https://app.example'],
  ['null', 'https://app.example'],
  ['', 'https://app.example'],
])('%j is never what a browser sends', (text, meant) => {
  expect(isOrigin(text)).toBe(false);
  expect(notAnOrigin(text)).toBe(
    `--origin: "${text}" is not what a browser sends as Origin, which looks like ${meant}`,
  );
});

const host = '127.0.0.1:3000';

test.each<[string, string[], Record<string, string>]>([
  ['a program, which sends no Origin', [], { host }],
  ['a page of the node itself', [], { host, origin: 'http://127.0.0.1:3000' }],
  [
    'a page of the node, whose port goes without saying',
    [],
    { host: 'feed.example:443', origin: 'https://feed.example' },
  ],
  ['a page of the node, in capitals', [], { host: 'FEED.example', origin: 'http://feed.example' }],
  ['a page that was named', ['https://a.example', 'https://b.example'], { host, origin: 'https://b.example' }],
  ['any page where all are', ['*'], { host, origin: 'https://a.example' }],
])('%s may ask', (_who, allowed, headers) => {
  expect(new Origins(allowed).refusal(headers)).toBeUndefined();
});

test.each<[string, string[], Record<string, string>]>([
  ['a page of another host', [], { host, origin: 'https://a.example' }],
  ['a page of another port', [], { host, origin: 'http://127.0.0.1:3001' }],
  ['a page of another scheme, whose port differs', [], { host: 'feed.example:443', origin: 'http://feed.example' }],
  ['a page that was not named', ['https://b.example'], { host, origin: 'https://a.example' }],
  ['a page, where the request has no Host that is one', [], { host: '[', origin: 'http://a.example' }],
])('%s may not', (_who, allowed, headers) => {
  expect(new Origins(allowed).refusal(headers)).toBe(
    `a page of Origin ${headers['origin']} may not ask here, which is Host ${headers['host']}; a node opens itself to it with --origin ${headers['origin']}`,
  );
});

test.each<[string, string[], Record<string, string>]>([
  ['a page without an origin of its own', ['https://b.example'], { host, origin: 'null' }],
  ['what names no host', [], { host, origin: 'http://' }],
  ['what names no host, where there is none either', [], { host: '', origin: 'file://' }],
  ['what says two', [], { host, origin: 'http://a.example, http://b.example' }],
])('%s may not, and what is said opens the node', (_who, allowed, headers) => {
  const refusal = new Origins(allowed).refusal(headers);
  expect(refusal).toMatch(/^a page of Origin .* a node opens itself to it with --origin '\*'$/);
  expect(new Origins(['*']).refusal(headers)).toBeUndefined();
});

test('a request without Host says so', () => {
  expect(new Origins([]).refusal({ origin: 'https://a.example' })).toContain('which is Host (none);');
});

test('a page that was named may show cookies, one that is any may not', () => {
  expect(new Origins(['https://a.example']).isNamed('https://a.example')).toBe(true);
  expect(new Origins(['https://a.example']).isNamed('https://b.example')).toBe(false);
  expect(new Origins(['*']).isNamed('https://a.example')).toBe(false);
});
