/** A machine's wall clock that a test moves: libfaketime before everything that a process asks it. */
import { existsSync, readdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const HOUR_MS = 3_600_000;

export class Clock {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** @param file from which processes read the offset of the clock; its directory must be writable */
  static async at(file: string, offMs = 0): Promise<Clock> {
    const clock = new Clock(file);
    await clock.set(offMs);
    return clock;
  }

  /** From now on, for processes that run too, the clock is off by so much. */
  async set(offMs: number): Promise<void> {
    const next = `${this.#file}.next`;
    await writeFile(next, `${offMs < 0 ? '-' : '+'}${Math.abs(offMs) / 1_000}\n`);
    await rename(next, this.#file);
  }

  /** For processes of the machine. Timers are unchanged; files have the times of their own machine. */
  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
  }
}

function library(): string {
  const folders = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime'));
  const found = folders.map((folder) => join(folder, 'libfaketimeMT.so.1')).find(existsSync);
  if (found === undefined) throw new Error('no libfaketime: apt-get install libfaketime');
  return found;
}
