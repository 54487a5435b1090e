/**
 * Which objects of an archive were read in full on this machine, and when. The files may be deleted at any time:
 * objects
 * without a record are checked again.
 *
 * Each process writes a file of its own with all that it knows, and removes the files that it has read. Two
 * concurrent
 * processes leave two files, which the next process merges, so that neither loses the other's results.
 */
import { randomUUID } from 'node:crypto';
import { outputOf, parseJson } from '../../base/json-record.ts';
import { shortHash } from '../../base/hash.ts';
import { join } from 'node:path';
import { crc32c } from '../../base/native.ts';
import * as v from 'valibot';
import { failureCode, finiteNumber, integerFrom } from '../../base/record-fields.ts';
import { discard, writeFileDurably } from '../../base/disk/write-file-durably.ts';
import { readSmallFile } from '../../base/disk/read-small-file.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { reasonOf } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { keyPath } from '../../store/archive-key.ts';
import type { CheckRecord, FoundObject } from './check-record.ts';

/** About three million objects; what is beyond this in a longer file is checked again. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;
const SUFFIX = '.checks';

export interface CheckHistory {
  /** Undefined for an object that was never checked, or whose length or identity changed since. */
  find(object: FoundObject): CheckRecord | undefined;
  add(object: FoundObject, check: Omit<CheckRecord, 'objectBytes' | 'identity'>): void;
  /** Drops all objects but these, for a caller that has listed the whole archive. */
  keepOnly(paths: ReadonlySet<string>): void;
  /** Rejects with `state-io`. Does nothing where there is nothing new. */
  save(): Promise<void>;
}

/** Opens the history. A missing, damaged or unreadable file counts as empty. */
export async function openCheckHistory(
  disk: Disk,
  stateDirectory: string | undefined,
  storeUrl: string,
  source: string,
): Promise<CheckHistory> {
  const archive = shortHash(storeUrl);
  const directory = stateDirectory && join(stateDirectory, 'checked', archive, source);
  const checkHistory = new FileHistory(disk, directory);
  await checkHistory.load();
  return checkHistory;
}

class FileHistory implements CheckHistory {
  readonly #disk: Disk;
  /** Undefined where there is no state directory. */
  readonly #directory: string | undefined;
  readonly #fileName = `${randomUUID()}${SUFFIX}`;
  readonly #records = new Map<string, CheckRecord>();
  #read: string[] = [];
  #isNew = false;

  constructor(disk: Disk, directory: string | undefined) {
    this.#disk = disk;
    this.#directory = directory;
  }

  async load(): Promise<void> {
    for (const path of await this.#files()) {
      const text = await readSmallFile(this.#disk, path, FILE_BYTES_MAX).catch(() => undefined);
      if (text === undefined) continue;
      for (const line of text.split('\n')) this.#take(line);
      this.#read.push(path);
    }
  }

  find(object: FoundObject): CheckRecord | undefined {
    const record = this.#records.get(keyPath(object.key));
    if (record === undefined) return undefined;
    const { objectBytes, identity } = object;
    const isSame = record.objectBytes === objectBytes && record.identity === identity;
    return isSame ? record : undefined;
  }

  add({ key, objectBytes, identity }: FoundObject, check: Pick<CheckRecord, 'checkedAtMs'>): void {
    this.#records.set(keyPath(key), { ...check, objectBytes, identity });
    this.#isNew = true;
  }

  keepOnly(paths: ReadonlySet<string>): void {
    for (const path of this.#records.keys()) {
      if (paths.has(path)) continue;
      this.#records.delete(path);
      this.#isNew = true;
    }
  }

  async save(): Promise<void> {
    if (!this.#isNew && this.#read.length <= 1) return;
    if (this.#directory === undefined) throw nowhere();
    const own = join(this.#directory, this.#fileName);
    await this.#write(this.#directory, own);
    for (const path of this.#read) if (path !== own) await discard(this.#disk, path);
    this.#read = [own];
    this.#isNew = false;
  }

  async #write(directory: string, path: string): Promise<void> {
    const lines = [...this.#records].map(([object, record]) => writeLine(object, record));
    try {
      await this.#disk.makeDirectory(directory);
      await writeFileDurably(this.#disk, path, lines.join(''));
    } catch (cause) {
      throw new WalqError('state-io', {
        message: `unable to write ${path}, the record of checked objects: ${reasonOf(cause)}`,
        cause,
      });
    }
  }

  #take(line: string): void {
    const read = readLine(line);
    if (read === undefined) return;
    const [path, record] = read;
    const known = this.#records.get(path);
    if (known === undefined || known.checkedAtMs <= record.checkedAtMs) {
      this.#records.set(path, record);
    }
  }

  async #files(): Promise<string[]> {
    const found: string[] = [];
    const directory = this.#directory;
    if (directory === undefined) return found;
    try {
      for await (const names of this.#disk.list(directory)) {
        found.push(...names.filter((name) => name.endsWith(SUFFIX)));
      }
    } catch {
      // Nothing was saved yet, or the directory is not readable: then saving reports it.
    }
    return found.map((name) => join(directory, name));
  }
}

const nowhere = (): WalqError =>
  new WalqError('state-io', {
    message: 'unable to save the record of checked objects: the user has no home directory',
    hint: 'Set HOME or STATE_DIRECTORY to the absolute path of a directory that this user may write.',
  });

// One check as one line: a checksum, then JSON. A damaged line is skipped.

const MESSAGE_CHARACTERS_MAX = 300;
/** Tolerance for clocks that differ. A check further in the future would keep its object from being checked again. */
const AHEAD_MS_MAX = 60_000;

const faultSchema = v.strictTuple([failureCode, v.string()]);
const lineSchema = v.strictTuple([
  v.string(),
  integerFrom(0),
  v.string(),
  v.pipe(finiteNumber, v.minValue(0)),
  v.nullable(faultSchema),
]);

function writeLine(path: string, record: CheckRecord): string {
  const { objectBytes, identity, checkedAtMs, fault } = record;
  const said = fault && [fault.code, fault.message.slice(0, MESSAGE_CHARACTERS_MAX)];
  const json = JSON.stringify([path, objectBytes, identity, checkedAtMs, said ?? null]);
  return `${checksum(json)} ${json}\n`;
}

function readLine(line: string): readonly [path: string, CheckRecord] | undefined {
  const json = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(json)} `) return undefined;
  const parsed = outputOf(lineSchema, parseJson(json));
  if (parsed === undefined) return undefined;
  const [path, objectBytes, identity, checkedAtMs, fault] = parsed;
  if (checkedAtMs > Date.now() + AHEAD_MS_MAX) return undefined;
  const said = fault && { fault: { code: fault[0], message: fault[1] } };
  return [path, { objectBytes, identity, checkedAtMs, ...said }];
}

const checksum = (json: string): string => crc32c(json).toString(16).padStart(8, '0');

const DAY_MS = 86_400_000;
/** An older check says little about what the disk holds now. */
export const RECENT_DAYS = 30;

/** How much of an archive was read in full, as far as this machine knows. */
export interface Coverage {
  readonly objects: number;
  /** Never checked, or changed since. */
  readonly neverChecked: number;
  /** Checked in the last 30 days, with any result. */
  readonly recentlyChecked: number;
  /** The oldest check that counts, ISO 8601; null where there is none. */
  readonly oldestCheckAt: string | null;
}

export function coverageOf(checks: readonly (CheckRecord | undefined)[]): Coverage {
  const recentMs = Date.now() - RECENT_DAYS * DAY_MS;
  let neverChecked = 0;
  let recentlyChecked = 0;
  let oldestMs = Infinity;
  for (const check of checks) {
    if (check === undefined) {
      neverChecked += 1;
      continue;
    }
    oldestMs = Math.min(oldestMs, check.checkedAtMs);
    if (check.checkedAtMs >= recentMs) recentlyChecked += 1;
  }
  const oldestCheckAt = oldestMs === Infinity ? null : new Date(oldestMs).toISOString();
  return { objects: checks.length, neverChecked, recentlyChecked, oldestCheckAt };
}
