/**
 * Which objects of an archive were checked byte for byte on this machine, and when. It may be deleted at any
 * time: what is not remembered is checked again.
 *
 * Each process writes a file of its own, with all that it knows, and removes those that it has read: two at
 * once leave two files, of which the next makes one, so that neither loses what the other found.
 */
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { discard, writeFileDurably } from '../../base/disk/write-file-durably.ts';
import { readSmallFile } from '../../base/disk/read-small-file.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { reasonOf } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { keyPath } from '../../store/archive-key.ts';
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
  stateDirectory: string | undefined,
  storeUrl: string,
  source: string,
): Promise<CheckMemory> {
  const archive = createHash('sha256').update(storeUrl).digest('hex').slice(0, 32);
  const directory = stateDirectory && join(stateDirectory, 'checked', archive, source);
  const memory = new FileMemory(disk, directory);
  await memory.load();
  return memory;
}

class FileMemory implements CheckMemory {
  readonly #disk: Disk;
  /** Undefined where nothing can be remembered. */
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
        message: `unable to write ${path}, where it is remembered what was checked: ${reasonOf(cause)}`,
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
      // Nothing was saved yet, or nobody may read it: saving says so then.
    }
    return found.map((name) => join(directory, name));
  }
}

const nowhere = (): WalqError =>
  new WalqError('state-io', {
    message:
      'there is no directory to remember in what was checked: the user has no home directory',
    hint: 'Set HOME or STATE_DIRECTORY to the absolute path of a directory that this user may write.',
  });
