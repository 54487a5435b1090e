import {
  directorySource,
  nodeDisk,
  openStore,
  openSource,
  type ArchiveStore,
  type Source,
} from '@walq/wal-core/internal';
import { temporaryDirectory } from '@walq/test-support';
import { mkdir, readdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A source and its archive on a real disk, for one test. */
export interface TestSource {
  readonly source: Source;
  readonly store: ArchiveStore;
  readonly archiveDirectory: string;
  /** Writes segments `from` to `to`, inclusive, and gives their names. */
  write(from: number, to: number): Promise<string[]>;
  /** Does to the disk what archiving does there: the source is deleted. */
  take(name: string): Promise<void>;
  /** Names of the segments on the disk, in order. */
  segments(): Promise<string[]>;
}

export const segmentName = (number: number): string => `wal-${String(number).padStart(8, '0')}.bin`;

export async function openTestSource(name = 'orders'): Promise<TestSource> {
  const root = await temporaryDirectory('place');
  const directory = root.at('wal');
  const archiveDirectory = root.at('archive');
  await mkdir(directory);
  await mkdir(archiveDirectory);
  const source = directorySource({
    name,
    directory,
    pattern: /^wal-(?<number>\d+)\.bin$/,
    afterArchive: 'delete',
  });
  const store = openStore(archiveDirectory, { disk: nodeDisk });
  await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  return {
    source,
    store,
    archiveDirectory,
    write: (from, to) => writeSegments(directory, from, to),
    take: (segment) => unlink(join(directory, segment)),
    segments: async () =>
      (await readdir(directory)).filter((file) => file.startsWith('wal-')).toSorted(),
  };
}

async function writeSegments(directory: string, from: number, to: number): Promise<string[]> {
  const names = Array.from({ length: to - from + 1 }, (_, index) => segmentName(from + index));
  for (let at = 0; at < names.length; at += 256) {
    const some = names.slice(at, at + 256);
    await Promise.all(some.map((name) => writeFile(join(directory, name), `contents of ${name}`)));
  }
  return names;
}
