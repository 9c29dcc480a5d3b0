import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { newAuthority, serverIdentitySchema } from './authority.ts';

test('an authority vouches for the server at its addresses, and is good for nothing else', async () => {
  const { authority, server } = await newAuthority(['198.18.0.2', '127.0.0.1']);
  const [above, below] = [new X509Certificate(authority), new X509Certificate(server.certificate)];
  expect(above.ca).toBe(true);
  expect(below.ca).toBe(false);
  expect(below.verify(above.publicKey)).toBe(true);
  expect(below.checkIP('198.18.0.2')).toBe('198.18.0.2');
  expect(below.checkIP('198.18.0.3')).toBeUndefined();
  expect(below.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  const days = (below.validToDate.getTime() - Date.now()) / (24 * 3600 * 1000);
  expect(days).toBeGreaterThan(6);
  expect(days).toBeLessThan(8);
  expect(serverIdentitySchema.parse(server)).toEqual(server);
});

test('two are not each other', async () => {
  const [mine, other] = await Promise.all([newAuthority(['127.0.0.1']), newAuthority(['127.0.0.1'])]);
  expect(new X509Certificate(mine.server.certificate).verify(new X509Certificate(other.authority).publicKey)).toBe(
    false,
  );
  expect(mine.server.key).not.toBe(other.server.key);
  expect(mine.server.ticketKey).not.toBe(other.server.ticketKey);
});
