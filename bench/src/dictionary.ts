/** How much smaller an archive of short record segments is with a dictionary, the dictionary counted in. */
import {
  createCleaner,
  createThreadPool,
  logSource,
  markFlushed,
  nodeDisk,
  openSource,
  openStore,
  trainDictionary,
  type DictionarySetting,
  type Source,
} from '@walq/wal-core/internal';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeLog } from './input/make-input.ts';
import { recordsOf, tableRowsOf } from './input/records.ts';

const run = promisify(execFile);
const LEVEL = 3;
const SEED = 1;
const PARALLELISM = 2;
const [segments = 1_000, ...sizesKiB] = process.argv.slice(2).map(Number);
const kinds = { 'rows of one shape': recordsOf, 'rows of 32 tables': tableRowsOf };
const { signal } = new AbortController();

console.log(
  `${segments} segments of walq's log, level ${LEVEL}; trained on the first half of them`,
);
for (const [title, records] of Object.entries(kinds)) {
  for (const sizeKiB of sizesKiB.length > 0 ? sizesKiB : [4, 16, 64]) {
    const root = await mkdtemp(
      join(process.env['WALQ_BENCH_DIR'] ?? '/var/tmp', 'walq-bench-dict-'),
    );
    try {
      console.log(`${title}, ${sizeKiB} KiB: ${await measure(root, sizeKiB * 1024, records)}`);
    } finally {
      await rm(root, { recursive: true });
    }
  }
}

type Records = typeof recordsOf;

async function measure(root: string, segmentBytes: number, records: Records): Promise<string> {
  const directory = join(root, 'wal');
  await mkdir(directory);
  await writeLog({ directory, segments, segmentBytes, seed: SEED, records, signal });
  const source = logSource({ name: 'bench', directory, afterArchive: 'keep' });
  const dictionary = await train(root, source);
  const without = await archive(root, source, 'off');
  if (dictionary === undefined) return `${without} bytes; no dictionary saves space`;
  const objects = await archive(root, source, 'train');
  const saved = 1 - (objects + dictionary) / without;
  const sum = `${objects} and a dictionary of ${dictionary}`;
  return `${without} bytes without, ${sum} with: ${(100 * saved).toFixed(1)}% smaller`;
}

/** Length of the dictionary that was stored; undefined where none pays. */
async function train(root: string, source: Source): Promise<number | undefined> {
  const store = openStore(await archiveFor(root, 'train'), { disk: nodeDisk });
  const open = await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  await markFlushed(nodeDisk, open, nameAt(source, segments / 2));
  const threads = createThreadPool({ parallelism: PARALLELISM });
  const directory = join(root, 'samples');
  await mkdir(directory);
  try {
    const { best } = await trainDictionary({
      disk: nodeDisk,
      store,
      source: source.name,
      naming: source.naming,
      open,
      threads,
      directory,
      level: LEVEL,
      segments,
      signal,
      worker: 'bench',
      train: async (files, bytesMax) => {
        const made = join(directory, `dictionary-${bytesMax}`);
        await run('zstd', ['--train', '-q', `--maxdict=${bytesMax}`, '-o', made, '--', ...files]);
        return made;
      },
    });
    return best?.measurement.dictionary.bytes.length;
  } finally {
    await threads.close();
  }
}

/** Bytes of all objects. */
async function archive(root: string, source: Source, dictionary: DictionarySetting) {
  const name = dictionary === 'train' ? 'train' : 'off';
  const archiveUrl = await archiveFor(root, name);
  const cleaner = createCleaner({
    source,
    archiveUrl,
    level: LEVEL,
    parallelism: PARALLELISM,
    dictionary,
  });
  try {
    return (await cleaner.cleanupUpTo(nameAt(source, segments).name)).bytesOut;
  } finally {
    await cleaner.close();
  }
}

async function archiveFor(root: string, name: string): Promise<string> {
  const directory = join(root, `archive-${name}`);
  await mkdir(directory, { recursive: true });
  return directory;
}

function nameAt(source: Source, number: number) {
  const name = `${String(Math.floor(number)).padStart(20, '0')}.wal`;
  const segment = source.naming.parse(name);
  if (segment === undefined) throw new RangeError(`${name} is no segment`);
  return segment;
}
