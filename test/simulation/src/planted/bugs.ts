/** Classic bugs of archivers, each as a wrapper around a part of walq. */
import {
  isMissing,
  type Archiver,
  type ArchiveStore,
  type Disk,
  type FileState,
  type SegmentResult,
} from '@walq/wal-core/internal';
import { contentsOf, isShard, isTemporary, notIn, sourcePathOf, withoutUuid } from './paths.ts';
import type { Planted } from './planted.ts';

type DiskFile = Awaited<ReturnType<Disk['openRead']>>;

/** The source goes as soon as its copy is staged. */
const deleteBeforeConfirm = (disk: Disk): Disk => ({
  ...disk,
  link: async (from, to) => {
    const source = sourcePathOf(to);
    if (source !== undefined) await disk.unlink(source).catch(ignoreMissing);
    await disk.link(from, to);
  },
});

const renameThatReplaces = (disk: Disk): Disk => ({
  ...disk,
  link: async (from, to) => {
    if (sourcePathOf(to) !== undefined) await disk.unlink(to).catch(ignoreMissing);
    await disk.link(from, to);
  },
});

const noFsyncOfTheLoser = (store: ArchiveStore): ArchiveStore => ({
  ...store,
  makeDurable: async () => {},
});

/** Whatever a job names counts as flushed. */
const trustTheJob = (disk: Disk): Disk => ({
  ...disk,
  openRead: async (path) => {
    const file = await disk.openRead(path);
    if (!path.endsWith('/.walq/watermark.json')) return file;
    const text = (await contentsOf(file)).toString();
    const names: string[] = [];
    for await (const piece of disk.list(path.replace(/\/\.walq\/.*/, ''))) names.push(...piece);
    const newest = names
      .filter((name) => name.startsWith('wal-'))
      .toSorted()
      .at(-1);
    const raised = text.replace(/"segment":"[^"]+"/, `"segment":"${newest ?? ''}"`);
    return readingFrom(file, Buffer.from(raised));
  },
});

const fsyncAgain = (disk: Disk): Disk => {
  const stubborn = (file: DiskFile): DiskFile => ({
    ...file,
    sync: () => file.sync().catch(() => file.sync()),
  });
  return {
    ...disk,
    openNew: async (path) => stubborn(await disk.openNew(path)),
    openExisting: async (path) => stubborn(await disk.openExisting(path)),
  };
};

/** Two who stage the same segment write into one file. */
const reuseTemporaryName = (disk: Disk): Disk => ({
  ...disk,
  openNew: async (path) => {
    if (!isTemporary(path)) return disk.openNew(path);
    const name = withoutUuid(path);
    const file = await disk.openNew(name).catch(() => disk.openExisting(name));
    await file.truncate(0);
    return file;
  },
  openExisting: (path) => disk.openExisting(withoutUuid(path)),
  openRead: (path) => disk.openRead(withoutUuid(path)),
  lstat: (path) => disk.lstat(withoutUuid(path)),
  unlink: (path) => disk.unlink(withoutUuid(path)),
  link: (from, to) => disk.link(withoutUuid(from), to),
  rename: (from, to) => disk.rename(withoutUuid(from), to),
});

/** A segment counts as what it was when it was read. */
const forgetToCompare = (disk: Disk): Disk => {
  const read = new Map<string, FileState>();
  return {
    ...disk,
    openRead: async (path) => {
      const file = await disk.openRead(path);
      const stat = async (): Promise<FileState> => {
        const state = await file.stat();
        read.set(path, state);
        return state;
      };
      return notIn('/archive', path) ? { ...file, stat } : file;
    },
    lstat: async (path) => {
      const now = await disk.lstat(path);
      return read.get(path) ?? now;
    },
  };
};

/** Writes under the final name at once. */
const restoreInPlace = (disk: Disk): Disk => {
  const final = (path: string): string =>
    path.startsWith('/restored') ? withoutUuid(path).replace(/\/\.([^/]+)\.tmp$/, '/$1') : path;
  return {
    ...disk,
    openNew: (path) => disk.openNew(final(path)),
    link: async () => {},
    unlink: async () => {},
  };
};

/** The directory of the objects becomes durable after the sources are gone. */
const receiptsBeforeTheBarrier = (disk: Disk): Disk => {
  const late = new Set<string>();
  return {
    ...disk,
    syncDirectory: async (path) => {
      if (isShard(path)) {
        late.add(path);
        return;
      }
      await disk.syncDirectory(path);
      const shards = [...late];
      late.clear();
      for (const shard of shards) await disk.syncDirectory(shard);
    },
  };
};

/** A segment that failed counts as archived where others of its batch were: its source goes as well. */
const reportWholeBatch = (archiver: Archiver, disk: Disk): Archiver => ({
  ...archiver,
  archive: async (source, segments, options) => {
    const results = await archiver.archive(source, segments, options);
    const whole = results.find(({ report }) => report !== undefined)?.report;
    if (whole === undefined) return results;
    const asArchived = async (one: SegmentResult): Promise<SegmentResult> => {
      if (one.report !== undefined) return one;
      const { segment } = one;
      await disk.unlink(`${source.directory}/${segment}`).catch(ignoreMissing);
      return { segment, report: { ...whole, segment } };
    };
    return Promise.all(results.map(asArchived));
  },
});

/** Whoever raises a floor believes in it at once; the archive hears of it after the first removal. */
const floorAfterDeleting = (store: ArchiveStore): ArchiveStore => {
  const meant = new Map<string, string>();
  const { records } = store;
  return {
    ...store,
    records: {
      ...records,
      create: async (_, name, text) => {
        meant.set(name, text);
        return 'created';
      },
      list: async (source, folder) => {
        const names = [...meant.keys()].map((name) => name.replace(`${folder}/`, ''));
        return [...new Set([...(await records.list(source, folder)), ...names])];
      },
      read: async (source, name) => meant.get(name) ?? records.read(source, name),
    },
    remove: async (key) => {
      const outcome = await store.remove(key);
      for (const [name, text] of meant) await records.create(key.source, name, text);
      return outcome;
    },
  };
};

/** Found within 1,000 histories each; see `test/planted.test.ts`. */
export const bugs: Readonly<Record<string, Planted>> = {
  'delete before confirm': { disk: deleteBeforeConfirm },
  'rename that replaces': { disk: renameThatReplaces },
  'race loser without its own fsync': { store: noFsyncOfTheLoser },
  'trust the job instead of the watermark': { disk: trustTheJob },
  're-fsync after EIO': { disk: fsyncAgain },
  'temporary name reused': { disk: reuseTemporaryName },
  'kept job id blocks re-adding': {
    server: (server) => {
      const queue = server.queue.bind(server);
      server.queue = (name) => Object.assign(queue(name), { remove: () => 0 });
    },
  },
  'restore without rename': { restoreDisk: restoreInPlace },
  'floor written after deleting': { pruneStore: floorAfterDeleting },
  'receipt not compared before unlink': { disk: forgetToCompare },
  'receipts before the barrier of the batch': { disk: receiptsBeforeTheBarrier },
  'batch reported whole': { archiver: reportWholeBatch },
};

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}

const readingFrom = (file: DiskFile, bytes: Buffer): DiskFile => ({
  ...file,
  stat: async () => ({ ...(await file.stat()), size: BigInt(bytes.length) }),
  read: async (buffer, position) => {
    const piece = bytes.subarray(position, position + buffer.length);
    buffer.set(piece);
    return piece.length;
  },
});
