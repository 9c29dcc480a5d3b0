import { expect, test } from 'vitest';
import { isLoopback, resolveTarget } from './target-address.ts';

test.each([
  ['ws://127.0.0.1:8080/chat', { host: '127.0.0.1', port: 8080, isSecure: false, isLoopback: true }],
  ['http://127.9.9.9', { host: '127.9.9.9', port: 80, isSecure: false, isLoopback: true }],
  ['wss://[::1]/', { host: '::1', port: 443, isSecure: true, isLoopback: true }],
  // A name is looked up; one that is this machine's is this machine.
  ['https://localhost:8443/x', { port: 8443, isSecure: true, isLoopback: true }],
  ['ws://0.0.0.0:1/', { host: '0.0.0.0', isLoopback: true }],
  ['ws://[::ffff:127.0.0.1]:1/', { isLoopback: true }],
  ['ws://198.51.100.7:1/', { host: '198.51.100.7', isLoopback: false }],
  ['ws://[2001:db8::7]:1/', { host: '2001:db8::7', isLoopback: false }],
])('%s', async (text, expected) => {
  expect(await resolveTarget(text)).toMatchObject(expected);
});

test.each(['::ffff:198.51.100.7', '10.0.0.1', '128.0.0.1', 'fe80::1'])(
  '%s is no address of this machine alone',
  (address) => {
    expect(isLoopback(address)).toBe(false);
  },
);

test.each([
  ['nonsense', 'usage', /it is no URL/],
  ['ws://', 'usage', /it is no URL/],
  ['ftp://127.0.0.1/', 'usage', /begins with none of ws:, http:, wss:, https:/],
  ['ws://no-such-host.invalid:1/', 'target-unreachable', /there is no host "no-such-host.invalid"/],
])('%s is told in a line that says what to write', async (text, code, message) => {
  await expect(resolveTarget(text)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
});

test.each([
  'ws://ann:s3cret@no-such-host.invalid/',
  'ws://no-such-host.invalid/?token=s3cret',
  'ftp://ann:s3cret@127.0.0.1/',
  'ws://ann:s3/cret@',
])('what is wrong with %s is told without what may be secret in it', async (text) => {
  await expect(resolveTarget(text)).rejects.toMatchObject({
    message: expect.not.stringMatching(/s3|cret|ann/) as string,
  });
});
