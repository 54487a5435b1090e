/**
 * Puts a world's clock in place of the process's: timers, `Date`, `performance.now`, `process.hrtime.bigint`
 * and `Math.random` are the world's while it runs, for whatever code asks.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type * as timersPromises from 'node:timers/promises';
import type { World } from './world.ts';

const promises = createRequire(import.meta.url)('node:timers/promises') as {
  -readonly [K in keyof typeof timersPromises]: (typeof timersPromises)[K];
};

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  Date: globalThis.Date,
  random: Math.random,
  sleep: promises.setTimeout,
  now: performance.now,
  hrtime: process.hrtime.bigint,
};

/** Whose time it is now; the real one's where there is none. */
let running: World | undefined;

type Run = (...args: unknown[]) => void;

const start =
  (again: boolean) =>
  (run: Run, ms = 0, ...args: unknown[]) =>
    running?.addTimer(args.length === 0 ? run : () => run(...args), ms, again);

const clear = (timer: unknown): void => running?.removeTimer(timer);

class VirtualDate extends real.Date {
  constructor(...args: [] | [number | string | Date]) {
    super(args.length === 0 ? VirtualDate.now() : args[0]);
  }

  static override now(): number {
    return running?.wallMs ?? real.Date.now();
  }
}

/** Made once: code that is given new ones at each history is compiled at each history. */
const virtual = {
  setTimeout: start(false),
  setInterval: start(true),
  clearTimeout: clear,
  clearInterval: clear,
  Date: VirtualDate,
};

const virtualNow = (): number => running?.nowMs ?? real.now.call(performance);
const virtualHrtime = (): bigint => BigInt(Math.round(virtualNow() * 1e6));
const virtualRandom = (): number => running?.random.next() ?? real.random();

export function installTime(world: World): void {
  running = world;
  Object.assign(globalThis, virtual);
  performance.now = virtualNow;
  process.hrtime.bigint = virtualHrtime;
  Math.random = virtualRandom;
  if (promises.setTimeout === sleep) return;
  promises.setTimeout = sleep;
  syncBuiltinESMExports();
}

export function restoreTime(): void {
  running = undefined;
  const { setTimeout, clearTimeout, setInterval, clearInterval, Date } = real;
  Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval, Date });
  performance.now = real.now;
  process.hrtime.bigint = real.hrtime;
  Math.random = real.random;
}

/** Stays: it sleeps in real time where no world runs. */
const sleep: typeof timersPromises.setTimeout = (ms, value, options) => {
  const world = running;
  if (world === undefined) return real.sleep(ms, value, options);
  return new Promise((resolve) => world.addTimer(() => resolve(value as never), ms ?? 0, false));
};
