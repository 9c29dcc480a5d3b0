import { expect, test } from 'vitest';
import { parseThrottledNs, statFiles } from './throttling.ts';

const VERSION_2 = `usage_usec 8623120
user_usec 6031922
system_usec 2591198
nr_periods 412
nr_throttled 37
throttled_usec 1843021
nr_bursts 0
burst_usec 0
`;

const VERSION_1 = `nr_periods 9
nr_throttled 4
throttled_time 231846321
nr_bursts 0
burst_time 0
`;

test('reads how long a quota held programs back, in both versions', () => {
  expect(parseThrottledNs(VERSION_2)).toBe(1_843_021_000);
  expect(parseThrottledNs(VERSION_1)).toBe(231_846_321);
});

test('a group without a quota of its own, such as the root of version 2, tells nothing', () => {
  expect(parseThrottledNs('usage_usec 99\nuser_usec 66\nsystem_usec 33\n')).toBeNull();
  expect(parseThrottledNs('')).toBeNull();
});

const MOUNTS_2 = `23 29 0:21 / /proc rw,nosuid - proc proc rw
31 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
`;

test('a quota may lie on any group from ours up to the top', () => {
  expect(statFiles('0::/user.slice/user-1000.slice/session-2.scope\n', MOUNTS_2)).toEqual([
    '/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/cpu.stat',
    '/sys/fs/cgroup/user.slice/user-1000.slice/cpu.stat',
    '/sys/fs/cgroup/user.slice/cpu.stat',
    '/sys/fs/cgroup/cpu.stat',
  ]);
});

test('in a container the mount shows the group itself', () => {
  expect(statFiles('0::/\n', MOUNTS_2)).toEqual(['/sys/fs/cgroup/cpu.stat']);
  const part = '31 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup cgroup rw,cpu,cpuacct\n';
  expect(statFiles('4:cpu,cpuacct:/docker/abc\n', part)).toEqual(['/sys/fs/cgroup/cpu.stat']);
});

test('of version 1 only the hierarchy with the cpu controller counts', () => {
  const mounts = `32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;
  const groups = '9:name=systemd:/\n4:memory:/jobs/7\n2:cpuacct:/\n1:cpu:/jobs\n0::/\n';
  expect(statFiles(groups, mounts)).toEqual([
    '/sys/fs/cgroup/cpu/jobs/cpu.stat',
    '/sys/fs/cgroup/cpu/cpu.stat',
    '/sys/fs/cgroup/unified/cpu.stat',
  ]);
});

test('where nothing is mounted there is nothing to read', () => {
  expect(statFiles('0::/\n', '')).toEqual([]);
  expect(statFiles('', MOUNTS_2)).toEqual([]);
});
