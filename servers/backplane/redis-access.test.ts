import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, hasRedis, startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { BACKPLANE_IDS, backplaneRow } from '../backplanes.ts';
import { tryRedis } from './redis.ts';
import { needs } from '../../scenarios/testing/conditions.ts';

const SECRET = 's3cr@t:/?#[]%&+ "\'\\ü';
const ENCODED = encodeURIComponent(SECRET);
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

describe('a Redis that asks who it is', needs(hasRedis, 'redis-server is not installed'), () => {
  let redis: TestRedis;
  let host: string;

  beforeAll(async () => {
    redis = await startTestRedis();
    host = redis.url.slice('redis://'.length);
    const rights = ['~feedbench:*', '&feedbench:*', '+@all', '-@dangerous'];
    await redis.admin.call('ACL', 'SETUSER', 'a:nn@home', 'on', `>${SECRET}`, ...rights);
    await redis.admin.call('ACL', 'SETUSER', 'reader', 'on', `>${SECRET}`, ...rights, '-@write');
    await redis.admin.call('ACL', 'SETUSER', 'stranger', 'on', `>${SECRET}`, '~other:*', '&*', '+@all');
    await redis.admin.config('SET', 'requirepass', SECRET);
    await redis.admin.config('SET', 'bind', hasIpv6 ? '127.0.0.1 ::1' : '127.0.0.1');
  });

  afterAll(async () => redis[Symbol.asyncDispose]());

  /** One line, without a word of the secret; whoever prints the whole error with its causes finds none either. */
  async function refusal(address: string): Promise<string> {
    const error = await tryRedis(address).then(() => 'it was let in', whatever);
    expect(error).toMatchObject({ code: 'redis-lost' });
    const told = `${String(error)} ${inspectDeeply(error)}`;
    for (const word of [SECRET, ENCODED, 's3cr', 'wr0ng']) expect(told).not.toContain(word);
    return String(error);
  }

  test('is used with its password, whatever it is made of', async () => {
    await expect(tryRedis(`redis://:${ENCODED}@${host}`)).resolves.toBeUndefined();
  });

  test('is used by a user who may do what a node does, and no more', async () => {
    await expect(tryRedis(`redis://${encodeURIComponent('a:nn@home')}:${ENCODED}@${host}/3`)).resolves.toBeUndefined();
  });

  test('is used in the database that is named, and left as it was', async () => {
    await expect(tryRedis(`redis://:${ENCODED}@${host}/3`)).resolves.toBeUndefined();
    expect(await redis.admin.info('keyspace')).not.toMatch(/db\d/);
    expect(await redis.admin.info('commandstats')).toMatch(/cmdstat_select/);
  });

  test('is used at an address of IPv6', needs(hasIpv6, 'this machine has no IPv6'), async () => {
    await expect(tryRedis(`redis://:${ENCODED}@[::1]:${host.split(':')[1]}`)).resolves.toBeUndefined();
  });

  test.each([
    ['a wrong password', (at: string) => `redis://:wr0ng@${at}`, /WRONGPASS.*; correct user and password in REDIS_URL/],
    ['no password', (at: string) => `redis://${at}`, /NOAUTH.*; correct user and password in REDIS_URL/],
    ['a user who may not write', (at: string) => `redis://reader:${ENCODED}@${at}`, /NOPERM.*; correct user/],
    ['a user of other keys', (at: string) => `redis://stranger:${ENCODED}@${at}`, /NOPERM.*; correct user/],
    ['a database that is not there', (at: string) => `redis://:${ENCODED}@${at}/99`, /DB index is out of range/],
  ])('says what is wrong and what to do: %s', async (_what, address, says) => {
    const said = await refusal(address(host));
    expect(said).toMatch(says);
    expect(said).toContain(`Redis at redis://${host}`);
  });
});

describe('what each backplane asks of Redis', needs(hasRedis, 'redis-server is not installed'), () => {
  const users = BACKPLANE_IDS.filter((id) => backplaneRow(id).tryRedis !== undefined);
  let redis: TestRedis;

  beforeAll(async () => {
    redis = await startTestRedis();
    const keys = ['on', '>pass', '~feedbench:*', '+@all', '-@dangerous'];
    await redis.admin.call('ACL', 'SETUSER', 'node', ...keys, '&*');
    await redis.admin.call('ACL', 'SETUSER', 'deaf', ...keys, 'resetchannels', '-xread');
    await redis.admin.call(
      'ACL',
      'SETUSER',
      'dumb',
      ...keys,
      '&*',
      '-publish',
      '-spublish',
      '-xadd',
      '-evalsha',
      '-eval',
    );
  });

  afterAll(async () => redis[Symbol.asyncDispose]());

  function as(user: string): string {
    return redis.url.replace('//', `//${user}:pass@`);
  }

  test.each(users)('%s may do with the rights of a node, and leaves nothing', async (id) => {
    await expect(backplaneRow(id).tryRedis?.(as('node'))).resolves.toBeUndefined();
    expect(await redis.admin.keys('*')).toEqual([]);
  });

  test.each(users.flatMap((id) => ['deaf', 'dumb'].map((user) => [id, user] as const)))(
    '%s tells that a user may not hear, or not speak: %s',
    async (id, user) => {
      await expect(backplaneRow(id).tryRedis?.(as(user))).rejects.toMatchObject({
        code: 'redis-lost',
        message: expect.stringMatching(/Redis at redis:\/\/127.0.0.1:\d+: .*NOPERM /) as unknown,
      });
    },
  );
});

test(
  'a Redis that is too old for a backplane is named as what it is',
  needs(hasRedis, 'redis-server is not installed'),
  async () => {
    // What Redis 6 lacks.
    await using old = await startTestRedis('forget', ['SSUBSCRIBE', 'SPUBLISH']);
    await expect(backplaneRow('socketio-sharded').tryRedis?.(old.url)).rejects.toThrow(
      /unknown command '?ssubscribe'?.*; choose another --backplane, or a newer Redis$/i,
    );
  },
);

function whatever(error: unknown): unknown {
  return error;
}

/** Also what `console.log` would not show of nested errors. */
function inspectDeeply(value: unknown): string {
  if (!(value instanceof Error)) return JSON.stringify(value) ?? '';
  const own = Object.getOwnPropertyNames(value).filter((name) => name !== 'cause');
  const fields = own.map((name) => `${name}=${JSON.stringify(Reflect.get(value, name))}`);
  return `${fields.join(' ')} ${value.cause === undefined ? '' : inspectDeeply(value.cause)}`;
}

describe('a Redis behind TLS', needs(hasRedis, 'redis-server is not installed'), () => {
  let redis: TestRedis;
  let folder: string;
  let address: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'feedbench-tls-'));
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')];
    const names = ['-subj', '/CN=feedbench-test', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names, ...files], {
      stdio: 'ignore',
    });
    redis = await startTestRedis();
    const port = await freePort();
    const values = {
      'tls-cert-file': join(folder, 'certificate.pem'),
      'tls-key-file': join(folder, 'key.pem'),
      'tls-auth-clients': 'no',
      'tls-port': String(port),
      requirepass: SECRET,
    };
    await redis.admin.config('SET', ...Object.entries(values).flat());
    address = `rediss://:${ENCODED}@127.0.0.1:${port}`;
  });

  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test('is refused while nobody vouches for its certificate, and says how', async () => {
    await expect(tryRedis(address)).rejects.toThrow(/self-signed certificate; .*in NODE_EXTRA_CA_CERTS$/);
  });

  test('is used where its certificate is known', async () => {
    const before = getCACertificates();
    setDefaultCACertificates([...before, await readFile(join(folder, 'certificate.pem'), 'utf8')]);
    await expect(tryRedis(address)).resolves.toBeUndefined();
    setDefaultCACertificates(before);
  });
});
