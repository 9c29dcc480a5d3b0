import { constants, openSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';
import koffi from 'koffi';

/**
 * What Node has no call for: taking hold of a TAP device, entering another network namespace, and waiting for a file with a
 * timeout finer than a millisecond. The numbers are those of Linux' <linux/if_tun.h>, <sched.h>, <poll.h> and <sys/prctl.h>.
 */
const libc = koffi.load(null);
const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)') as Call;
const setns = libc.func('int setns(int fd, int type)') as Call;
const prctl = libc.func('int prctl(int option, unsigned long value)') as Call;
const poll = libc.func('int ppoll(void *files, unsigned long count, const void *timeout, const void *signals)') as Call;
const readFile = libc.func('long read(int fd, void *bytes, size_t length)') as Call;
const writeFile = libc.func('long write(int fd, const void *bytes, size_t length)') as Call;

type Call = (...values: (number | ArrayBufferView | null)[]) => number;

const TUNSETIFF = 0x40_04_54_ca;
const IFF_TAP = 0x00_02;
/** No four bytes before each frame that say what it is. */
const IFF_NO_PI = 0x10_00;
const CLONE_NEWNET = 0x40_00_00_00;
const PR_SET_TIMERSLACK = 29;
const POLLIN = 1;
const INTERFACE_REQUEST_BYTES = 40;
const NAME_BYTES = 16;
const POLLED_BYTES = 8;
const NS_PER_SECOND = 1_000_000_000n;

function check(result: number, what: string): void {
  if (result < 0) throw new Error(`${what}: ${getSystemErrorMessage(-koffi.errno())}`);
}

/** A TAP device of this process's network namespace, by its file: what its host sends is read, what is written reaches its host. */
export function openTap(name: string): number {
  const file = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  const request = Buffer.alloc(INTERFACE_REQUEST_BYTES);
  request.write(name, 0, NAME_BYTES - 1, 'latin1');
  request.writeUInt16LE(IFF_TAP | IFF_NO_PI, NAME_BYTES);
  check(ioctl(file, TUNSETIFF, request), `no TAP device ${name}`);
  return file;
}

/** From here on this thread is in that network namespace; files that it has open stay where they are. */
export function enterNetwork(path: string): void {
  check(setns(openSync(path, 'r'), CLONE_NEWNET), `cannot enter ${path}`);
}

/** Timeouts of this thread end when they are due, not up to 50 µs later. */
export function wakeOnTime(): void {
  check(prctl(PR_SET_TIMERSLACK, 1), 'the timer slack cannot be set');
}

/** The length of the next frame, or 0 where none waits. */
export function readFrame(file: number, into: Buffer): number {
  return Math.max(0, readFile(file, into, into.length));
}

export function writeFrame(file: number, bytes: Buffer, length: number): boolean {
  return writeFile(file, bytes, length) === length;
}

/** Waits for frames on either of two files. */
export class FrameWait {
  readonly #files = Buffer.alloc(2 * POLLED_BYTES);
  readonly #timeout = new BigInt64Array(2);

  constructor(first: number, second: number) {
    for (const [index, file] of [first, second].entries()) {
      this.#files.writeInt32LE(file, index * POLLED_BYTES);
      this.#files.writeInt16LE(POLLIN, index * POLLED_BYTES + 4);
    }
  }

  /** Returns when one of them has a frame, or after that time. */
  wait(ns: number): void {
    const whole = BigInt(Math.max(0, Math.round(ns)));
    this.#timeout[0] = whole / NS_PER_SECOND;
    this.#timeout[1] = whole % NS_PER_SECOND;
    poll(this.#files, 2, this.#timeout, null);
  }
}
