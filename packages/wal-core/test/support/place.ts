import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@walq/test-support';
import {
  advanceWatermark,
  archiveOne,
  archiveKeyOf,
  createArchiver,
  keyPath,
  nodeDisk,
  openSource,
  openStore,
  directorySource,
  type Archiver,
  type BatchOptions,
  type ArchiveStore,
  type DictionaryEvent,
  type DictionarySetting,
  type Disk,
  type Lease,
  type Level,
  type LevelEvent,
  type SegmentReport,
  type Source,
  type StepListener,
  type Threads,
  createInlineThreads,
} from '@walq/wal-core/internal';

export interface PlaceOptions {
  /** Contents by segment number; default three segments of compressible text. */
  readonly segments?: Readonly<Record<number, string | Uint8Array>>;
  /** The number that the source is flushed up to; default 2, null for not at all. */
  readonly flushedUpTo?: number | null;
  readonly source?: Partial<Source>;
  /** @default a directory next to the source's */
  readonly store?: ArchiveStore;
}

/** One source and one archive in a temporary directory, and the checks that tests make on them. */
export class Place {
  readonly root: string;
  readonly source: Source;
  readonly store: ArchiveStore;
  readonly #given: ArchiveStore | undefined;

  constructor(root: string, { source, store }: PlaceOptions = {}) {
    this.root = root;
    this.source = { ...binarySource(join(root, 'wal')), ...source };
    this.#given = store;
    this.store = store ?? openStore(join(root, 'archive'), { disk: nodeDisk });
  }

  get archive(): string {
    return join(this.root, 'archive');
  }

  archiver(
    options: {
      disk?: Disk;
      onStep?: StepListener;
      conservative?: boolean;
      threads?: Threads;
      level?: Level;
      onLevel?: (event: LevelEvent) => void;
      dictionary?: DictionarySetting;
      onDictionary?: (event: DictionaryEvent) => void;
    } = {},
  ): Archiver {
    const disk = options.disk ?? nodeDisk;
    const store = this.#given ?? openStore(this.archive, { disk });
    return createArchiver({
      disk,
      threads: options.threads ?? createInlineThreads(disk),
      storeOf: () => store,
      level: options.level ?? 3,
      conservative: options.conservative ?? true,
      worker: 'test:1',
      ...(options.onStep && { onStep: options.onStep }),
      onLevel: options.onLevel,
      dictionary: options.dictionary,
      onDictionary: options.onDictionary,
    });
  }

  /** Archives one segment with a fresh archiver, as a new process would. */
  async archive1(
    number: number,
    options: Parameters<Place['archiver']>[0] & { lease?: Lease } = {},
  ): Promise<SegmentReport> {
    const { lease, ...rest } = options;
    const signal = new AbortController().signal;
    return archiveOne(this.archiver(rest), this.source, nameOf(number), {
      signal,
      ...(lease && { lease }),
    });
  }

  /** Archives segments as one batch, with a fresh archiver; gives the outcome or the failure's code of each. */
  async archiveAll(
    numbers: readonly number[],
    {
      options,
      ...given
    }: Parameters<Place['archiver']>[0] & { options?: Partial<BatchOptions> } = {},
  ): Promise<string[]> {
    const signal = new AbortController().signal;
    const names = numbers.map(nameOf);
    const batch = { signal, ...options };
    const results = await this.archiver(given).archive(this.source, names, batch);
    assert.deepEqual(
      results.map(({ segment }) => segment),
      names,
    );
    return results.map(({ report, failure }) => report?.outcome ?? failure?.code ?? 'nothing');
  }

  async flush(number: number): Promise<void> {
    const { sourceId } = await this.open();
    await advanceWatermark(nodeDisk, this.source, sourceId, segmentName(number));
  }

  open() {
    const { source, store } = this;
    return openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  }

  write(number: number, content: string | Uint8Array): Promise<void> {
    return writeFile(this.pathOf(number), content);
  }

  pathOf(number: number): string {
    return join(this.source.directory, nameOf(number));
  }

  objectPath(number: number): string {
    return join(this.archive, keyPath(archiveKeyOf(this.source.name, segmentName(number))));
  }

  /** What the zstd tool, which shares no code with walq, decodes of the object (I7). */
  unpacked(number: number, dictionary?: string): Buffer {
    const withDictionary = dictionary === undefined ? [] : ['-D', this.dictionaryPath(dictionary)];
    const args = ['-dcq', ...withDictionary, this.objectPath(number)];
    return execFileSync('zstd', args, { maxBuffer: 1 << 30 });
  }

  dictionaryPath(sha256: string): string {
    return join(this.archive, this.source.name, '_walq/dictionaries', `${sha256}.dict`);
  }

  async sourceNames(): Promise<string[]> {
    return (await readdir(this.source.directory)).filter((name) => name !== '.walq').toSorted();
  }

  /** Everything in the archive by relative path, without walq's own records. */
  async archiveNames(): Promise<string[]> {
    const names = await readdir(this.archive, { recursive: true, withFileTypes: true });
    return names
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('_walq'))
      .map((entry) => entry.name)
      .toSorted();
  }

  /** walq's own records in a folder next to the objects. */
  recordNames(folder: string): Promise<readonly string[]> {
    return this.store.records.list(this.source.name, folder);
  }

  read(number: number): Promise<Buffer> {
    return readFile(this.pathOf(number));
  }
}

export const nameOf = (number: number): string => `wal-${number.toString().padStart(6, '0')}.bin`;

export const segmentName = (number: number) => ({ name: nameOf(number), number: BigInt(number) });

export const textOf = (number: number): string => `segment ${number} `.repeat(5000);

export const binarySource = (directory: string): Source =>
  directorySource({
    name: 'orders',
    directory,
    pattern: /^wal-(?<number>\d+)\.bin$/,
    afterArchive: 'delete',
  });

export async function newPlace(options: PlaceOptions = {}): Promise<Place> {
  const directory = await temporaryDirectory('place');
  const place = new Place(directory.path, options);
  await mkdir(place.source.directory);
  await mkdir(place.archive);
  const segments = options.segments ?? { 1: textOf(1), 2: textOf(2), 3: textOf(3) };
  for (const [number, content] of Object.entries(segments)) await place.write(+number, content);
  const { flushedUpTo = 2 } = options;
  if (place.source.sealedRule.kind === 'watermark' && flushedUpTo !== null) {
    await place.flush(flushedUpTo);
  }
  return place;
}
