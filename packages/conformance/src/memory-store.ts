/**
 * The store contract in memory, for unit tests. Stagings and fetched objects are files, as the contract requires;
 * they are in
 * a temporary directory of the store's own, which `close` removes.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  asWalqError,
  compareShards,
  dictionaryStore,
  isMissing,
  keyText,
  newAsidePath,
  recordStore,
  assertShardName,
  assertSourceName,
  storeFailure,
  WalqError,
  type ArchiveKey,
  type ArchiveStore,
  type DictionaryStore,
  type LocalObject,
  type ObjectStat,
  type Published,
  type RecordStore,
  type ShardFilter,
  type SmallFiles,
  type Staging,
} from '@walq/wal-core/internal';

const PIECE_KEYS = 1024;
const SWEEP_AGE_MS_MIN = 24 * 60 * 60 * 1000;

interface MemoryObject {
  readonly key: ArchiveKey;
  readonly bytes: Buffer;
  readonly identity: string;
}

export class MemoryStore implements ArchiveStore {
  readonly url = 'memory:';
  readonly #files = new MemoryFiles();
  readonly records: RecordStore = recordStore(this.#files);
  readonly dictionaries: DictionaryStore = dictionaryStore(this.#files);
  readonly #objects = new Map<string, MemoryObject>();
  readonly #aside = new Map<string, Buffer>();
  readonly #stagings = new Map<string, Staging>();
  readonly #held = new Set<string>();
  #directory: Promise<string> | undefined;

  async stage(key: ArchiveKey): Promise<Staging> {
    assertKey(key);
    const staging = { key, path: await this.#newPath() };
    this.#stagings.set(staging.path, staging);
    return staging;
  }

  async publish(stagings: readonly Staging[]): Promise<readonly Published[]> {
    const answers: Published[] = [];
    for (const one of stagings) answers.push(await this.#publish(one).catch(asWalqError));
    return answers;
  }

  async #publish(staging: Staging): Promise<'published' | 'exists'> {
    const bytes = await readFile(staging.path).catch((error: unknown) => {
      throw storeFailure(`publish '${staging.key.segment}'`, error);
    });
    // Nothing is awaited from here to the return, so of concurrent publishers one finds the key free.
    const name = keyText(staging.key);
    const taken = this.#objects.has(name);
    if (!taken) this.#objects.set(name, { key: staging.key, bytes, identity: randomUUID() });
    await this.discard(staging);
    return taken ? 'exists' : 'published';
  }

  async discard(staging: Staging): Promise<void> {
    this.#stagings.delete(staging.path);
    await rm(staging.path, { force: true });
  }

  async makeDurable(key: ArchiveKey): Promise<void> {
    if (this.#find(key) !== undefined) return;
    throw new WalqError('store-unavailable', { message: `the object '${key.segment}' is gone` });
  }

  async stat(key: ArchiveKey): Promise<ObjectStat | undefined> {
    const found = this.#find(key);
    return found && { sizeBytes: found.bytes.length, identity: found.identity };
  }

  async fetch(key: ArchiveKey): Promise<LocalObject | undefined> {
    const found = this.#find(key);
    if (found === undefined) return undefined;
    const path = await this.#writeTemporary(found.bytes);
    return { path, release: () => rm(path, { force: true }) };
  }

  async readTail(key: ArchiveKey, bytesMax: number): Promise<Uint8Array | undefined> {
    const bytes = this.#find(key)?.bytes;
    if (bytes === undefined) return undefined;
    return Buffer.from(bytes.subarray(Math.max(0, bytes.length - bytesMax)));
  }

  async remove(key: ArchiveKey): Promise<'removed' | 'absent' | 'held'> {
    if (this.#find(key) === undefined) return 'absent';
    if (this.#held.has(keyText(key))) return 'held';
    this.#objects.delete(keyText(key));
    return 'removed';
  }

  /** Keeps an object from being removed, as an object lock does. */
  hold(key: ArchiveKey): void {
    assertKey(key);
    this.#held.add(keyText(key));
  }

  async *list(
    source: string,
    includesShard: ShardFilter = () => true,
  ): AsyncGenerator<readonly ArchiveKey[]> {
    assertSourceName(source);
    const keys = [...this.#objects.values()].flatMap(({ key }) =>
      key.source === source && includesShard(key.shard) ? key : [],
    );
    keys.sort((a, b) => compareShards(a.shard, b.shard));
    for (let at = 0; at < keys.length; at += PIECE_KEYS) yield keys.slice(at, at + PIECE_KEYS);
  }

  async listSources(): Promise<readonly string[]> {
    const sources = [...this.#objects.values()].map(({ key }) => key.source);
    return [...new Set([...sources, ...this.#files.sources()])].toSorted();
  }

  async moveAside(key: ArchiveKey): Promise<string | undefined> {
    const found = this.#find(key);
    if (found === undefined) return undefined;
    const aside = newAsidePath(key);
    this.#aside.set(aside, found.bytes);
    this.#objects.delete(keyText(key));
    return aside;
  }

  /** For tests: the bytes of an object that was moved aside; undefined when there is none of this name. */
  asideAt(name: string): Uint8Array | undefined {
    return this.#aside.get(name);
  }

  async sweep(source: string): Promise<number> {
    assertSourceName(source);
    let removed = 0;
    for (const staging of this.#stagings.values()) {
      if (staging.key.source !== source || !(await isOld(staging.path))) continue;
      if (!this.#stagings.delete(staging.path)) continue;
      await this.discard(staging);
      removed += 1;
    }
    return removed;
  }

  async space(): Promise<null> {
    return null;
  }

  async prepare(): Promise<void> {}

  async probe(): Promise<void> {}

  /** Removes the temporary files. The store must not be used afterwards. */
  async close(): Promise<void> {
    if (this.#directory !== undefined)
      await rm(await this.#directory, { recursive: true, force: true });
  }

  #find(key: ArchiveKey): MemoryObject | undefined {
    assertKey(key);
    return this.#objects.get(keyText(key));
  }

  async #writeTemporary(bytes: Buffer): Promise<string> {
    const path = await this.#newPath();
    await writeFile(path, bytes, { flag: 'wx' });
    return path;
  }

  async #newPath(): Promise<string> {
    this.#directory ??= mkdtemp(join(tmpdir(), 'walq-memory-store-'));
    return join(await this.#directory, randomUUID());
  }
}

class MemoryFiles implements SmallFiles {
  readonly #bySource = new Map<string, Map<string, Uint8Array>>();

  sources(): readonly string[] {
    return [...this.#bySource.keys()];
  }

  async create(source: string, name: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    const files = this.#filesOf(source) ?? new Map<string, Uint8Array>();
    this.#bySource.set(source, files);
    if (files.has(name)) return 'exists';
    files.set(name, Uint8Array.from(bytes));
    return 'created';
  }

  async read(source: string, name: string, bytesMax: number): Promise<Uint8Array | undefined> {
    return this.#filesOf(source)?.get(name)?.slice(0, bytesMax);
  }

  async list(source: string, folder: string): Promise<readonly string[]> {
    const names = [...(this.#filesOf(source)?.keys() ?? [])];
    const prefix = `${folder}/`;
    return names.flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : []));
  }

  async remove(source: string, name: string): Promise<void> {
    this.#filesOf(source)?.delete(name);
  }

  show(source: string, name: string): string {
    return `${source}/_walq/${name}`;
  }

  #filesOf(source: string): Map<string, Uint8Array> | undefined {
    assertSourceName(source);
    return this.#bySource.get(source);
  }
}

function assertKey(key: ArchiveKey): void {
  assertSourceName(key.source);
  assertShardName(key.shard);
}

async function isOld(path: string): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs < Date.now() - SWEEP_AGE_MS_MIN;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
