import { X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** As Chromium makes it, in the folder of its first profile: what a user who trusts a certificate has there. */
const TABLES = [
  'CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR)',
  'CREATE TABLE certificates(sha256hash_hex TEXT PRIMARY KEY, der_cert BLOB NOT NULL, trust_settings BLOB NOT NULL)',
];
const VERSION = { version: '1', last_compatible_version: '1' };
/** A message of protocol buffers: the first field is the trust, whose first is 3, trusted. */
const TRUSTED = Buffer.from([0x0a, 0x02, 0x08, 0x03]);

/**
 * Chromium that has its profile in this folder, and has not had one there before, trusts an authority (PEM) as if its user had
 * imported it. To ignore errors instead would measure another browser: with them it caches nothing.
 */
export function trustAuthority(profiles: string, authority: string): void {
  const folder = join(profiles, 'Default');
  mkdirSync(folder, { recursive: true });
  const { fingerprint256, raw } = new X509Certificate(authority);
  const database = new DatabaseSync(join(folder, 'ServerCertificate'));
  for (const table of TABLES) database.exec(table);
  const told = database.prepare('INSERT INTO meta VALUES (?, ?)');
  for (const [key, value] of Object.entries(VERSION)) told.run(key, value);
  const id = fingerprint256.replaceAll(':', '').toLowerCase();
  database.prepare('INSERT INTO certificates VALUES (?, ?, ?)').run(id, raw, TRUSTED);
  database.close();
}
