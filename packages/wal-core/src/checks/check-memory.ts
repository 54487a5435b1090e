/**
 * Which objects of an archive were checked byte for byte on this machine, and when. It may be deleted at any
 * time: what is not remembered is checked again.
 *
 * Each process writes a file of its own, with all that it knows, and removes those that it has read: two at
 * once leave two files, of which the next makes one, so that neither loses what the other found.
 */
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { discard, readSmallFile, writeFileDurably, type Disk } from '../disk/index.ts';
import { reasonOf, WalqError } from '../failure/index.ts';
import { keyPath } from '../store/index.ts';
import type { CheckRecord, FoundObject } from './check-record.ts';
import { readLine, writeLine } from './record-line.ts';

/** Some three million objects; of a longer file the rest is checked again. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;
const SUFFIX = '.checks';

export interface CheckMemory {
  /** Undefined for an object that was never checked, or is another by its length or identity since. */
  find(object: FoundObject): CheckRecord | undefined;
  add(object: FoundObject, check: Omit<CheckRecord, 'objectBytes' | 'identity'>): void;
  /** Forgets all objects but these paths, for who has seen the whole archive. */
  keepOnly(paths: ReadonlySet<string>): void;
  /** Rejects with `state-io`. Does nothing where nothing was learned. */
  save(): Promise<void>;
}

/** What cannot be read is not remembered: a missing, damaged or foreign file is no failure. */
export async function openCheckMemory(
  disk: Disk,
  stateDirectory: string,
  storeUrl: string,
  source: string,
): Promise<CheckMemory> {
  const archive = createHash('sha256').update(storeUrl).digest('hex').slice(0, 32);
  const memory = new FileMemory(disk, join(stateDirectory, 'checked', archive, source));
  await memory.load();
  return memory;
}

class FileMemory implements CheckMemory {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #own: string;
  readonly #records = new Map<string, CheckRecord>();
  #read: string[] = [];
  #isNew = false;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
    this.#own = join(directory, `${randomUUID()}${SUFFIX}`);
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
    const lines = [...this.#records].map(([path, record]) => writeLine(path, record));
    try {
      await this.#disk.makeDirectory(this.#directory);
      await writeFileDurably(this.#disk, this.#own, lines.join(''));
    } catch (cause) {
      throw new WalqError('state-io', {
        message: `unable to write ${this.#own}, where it is remembered what was checked: ${reasonOf(cause)}`,
        cause,
      });
    }
    for (const path of this.#read) if (path !== this.#own) await discard(this.#disk, path);
    this.#read = [this.#own];
    this.#isNew = false;
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
    try {
      for await (const names of this.#disk.list(this.#directory)) {
        found.push(...names.filter((name) => name.endsWith(SUFFIX)));
      }
    } catch {
      // Nothing was saved yet, or nobody may read it: saving says so then.
    }
    return found.map((name) => join(this.#directory, name));
  }
}
