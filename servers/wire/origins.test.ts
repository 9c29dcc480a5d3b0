import { expect, test } from 'vitest';
import { isOrigin, notAnOrigin } from './origins.ts';

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
