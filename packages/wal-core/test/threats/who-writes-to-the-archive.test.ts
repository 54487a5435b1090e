import { copyFile, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  anyNumberedNaming,
  decodeManifestFrame,
  encodeName,
  nodeDisk,
  openStore,
  readArchiveOwner,
  restoreRange,
  type Disk,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { objectOf, zeros } from '../support/bomb.ts';
import { contentsBelow } from '../support/contents-below.ts';
import { nameOf, newPlace, textOf, type Place } from '../support/place.ts';

const GIB = 1024 ** 3;
const MEMORY_BYTES_MAX = 400 * 1024 ** 2;

/** Segments 1 to 3 are archived, and an unrelated file is next to the archive. */
async function archived(): Promise<Place> {
  const place = await newPlace({
    segments: { 1: textOf(1), 2: textOf(2), 3: textOf(3), 4: textOf(4) },
    flushedUpTo: 3,
  });
  for (const number of [1, 2, 3]) await place.archive1(number);
  await writeFile(join(place.root, nameOf(9)), 'outside');
  return place;
}

function restore(place: Place, disk: Disk = nodeDisk, naming = place.source.naming) {
  return restoreRange({
    disk,
    store: openStore(place.archive, { disk }),
    threads: createInlineThreads(disk),
    source: 'orders',
    naming,
    destination: join(place.root, 'restored'),
    signal: new AbortController().signal,
  });
}

const manifestOf = async (path: string): Promise<string> =>
  decodeManifestFrame('it', await readFile(path)).json;

async function plant(place: Place, data: Buffer, said: object): Promise<void> {
  const path = place.objectPath(1);
  await writeFile(path, objectOf(data, await manifestOf(path), said));
}

/** Replaces the object by a link to a sound object, right before this call on it. */
function replacingDisk(place: Place, call: 'lstat' | 'openRead', number: number): Disk {
  const object = place.objectPath(1);
  let calls = 0;
  const mayReplace = async (path: string): Promise<void> => {
    if (path !== object || (calls += 1) !== number) return;
    await rename(object, join(place.root, 'sound.zst'));
    await symlink(join(place.root, 'sound.zst'), object);
  };
  return {
    ...nodeDisk,
    [call]: async (path: string) => {
      await mayReplace(path);
      return nodeDisk[call](path);
    },
  };
}

/** Counts the bytes written to files whose path contains a name. */
function writtenDisk(): Disk & { bytesOf(name: string): number } {
  const written = new Map<string, number>();
  const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
  return {
    ...nodeDisk,
    openNew: async (path) => {
      const file = await nodeDisk.openNew(path);
      return {
        ...file,
        write: (buffer, position) => {
          written.set(path, (written.get(path) ?? 0) + buffer.length);
          return file.write(buffer, position);
        },
      };
    },
    bytesOf: (name) =>
      sum([...written].filter(([path]) => path.includes(name)).map(([, bytes]) => bytes)),
  };
}

const restored = async (place: Place): Promise<string[]> =>
  readdir(join(place.root, 'restored')).catch(() => []);

describe('somebody who can write to the archive', () => {
  it.each([
    ['that states little', zeros(4 * GIB), { bytes: 100 }],
    ['that states as much', zeros(2 * GIB), { bytes: 2 * GIB }],
    ['of a window of 128 MiB', zeros(2 * GIB, 27), { bytes: 2 * GIB }],
    ['of a window of 1 TiB', zeros(2 * GIB, 40), { bytes: 2 * GIB }],
    ['that states more than there can be', zeros(GIB), { bytes: Number.MAX_SAFE_INTEGER }],
  ])('cannot fill the memory with an object %s', async (_what, data, said) => {
    const place = await archived();
    await plant(place, data, said);
    const threads = createInlineThreads(nodeDisk);
    const before = process.memoryUsage.rss();
    let mostBytes = 0;
    const sampling = setInterval(() => {
      mostBytes = Math.max(mostBytes, process.memoryUsage.rss() - before);
    }, 20);
    const decoding = threads.decode(
      { objectPath: place.objectPath(1), where: 'it' },
      new AbortController().signal,
    );
    await expect(decoding).rejects.toMatchObject({ code: 'object-corrupt' });
    clearInterval(sampling);
    mostBytes = Math.max(mostBytes, process.memoryUsage.rss() - before);
    expect(mostBytes).toBeLessThan(MEMORY_BYTES_MAX);
  });

  it('cannot have anything of a damaged object restored', async () => {
    const place = await archived();
    await plant(place, zeros(GIB / 4), { bytes: 100 });
    const disk = writtenDisk();
    await expect(restore(place, disk)).rejects.toMatchObject({ code: 'object-corrupt' });
    // The disk is not filled during the attempt either.
    expect(disk.bytesOf(nameOf(1))).toBeLessThanOrEqual(100);
    expect(await restored(place)).not.toContain(nameOf(1));
    expect((await restored(place)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('cannot have one segment restored as another', async () => {
    const place = await archived();
    await copyFile(place.objectPath(1), place.objectPath(2));
    await expect(restore(place)).rejects.toMatchObject({ code: 'object-corrupt' });
    expect(await restored(place)).not.toContain(nameOf(2));
  });

  it('cannot have a file read that a link points at, also where it replaces an object in between', async () => {
    for (const [call, number, code] of [
      ['lstat', 1, 'object-foreign'],
      ['openRead', 1, 'object-foreign'],
      ['openRead', 2, 'store-unavailable'],
    ] as const) {
      const place = await archived();
      const disk = replacingDisk(place, call, number);
      await expect(restore(place, disk)).rejects.toMatchObject({ code });
      expect(await restored(place)).not.toContain(nameOf(1));
    }
  });

  it.each([
    ['lstat', 1, 'object-foreign'],
    ['lstat', 2, 'object-foreign'],
    ['openRead', 1, 'store-unavailable'],
  ] as const)(
    'cannot have a source deleted for a link that replaces its object before %s %i',
    async (call, number, code) => {
      const place = await archived();
      await place.write(1, textOf(1));
      const disk = replacingDisk(place, call, number);
      await expect(place.archive1(1, { disk })).rejects.toMatchObject({ code });
      expect((await place.read(1)).toString()).toBe(textOf(1));
    },
  );

  it.each([`../${nameOf(9)}`, '..', 'wal-\0-000009', `a/../../${nameOf(9)}`])(
    'cannot have a file written outside of the destination by the name %j',
    async (name) => {
      const place = await archived();
      const planted = join(dirname(place.objectPath(1)), `${encodeName(name)}.zst`);
      await copyFile(place.objectPath(1), planted);
      const before = await contentsBelow(place.root, ['restored']);
      await restore(place, nodeDisk, anyNumberedNaming).catch(() => undefined);
      expect(await contentsBelow(place.root, ['restored'])).toEqual(before);
      for (const restoredName of await restored(place))
        expect(restoredName).toMatch(/^wal-\d+\.bin$/);
    },
  );

  it('cannot keep whoever lists busy for ever with the pattern of a source', async () => {
    const place = await archived();
    const path = join(place.archive, 'orders/_walq/source.json');
    const owner: unknown = JSON.parse(await readFile(path, 'utf8'));
    const pattern = String.raw`^(?:(?:[a-z0-9.-]+)+)+(?<number>\d+)!$`;
    const naming = { kind: 'pattern', base: 10, pattern };
    await writeFile(path, JSON.stringify(Object.assign({}, owner, { naming })));
    const read = await readArchiveOwner(place.store, 'orders');
    const startedMs = performance.now();
    expect(read?.naming.parse(nameOf(1).repeat(18))).toBeUndefined();
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(read?.naming.parse('wal-17!')).toEqual({ name: 'wal-17!', number: 7n });
  });

  it('has a pattern refused that cannot be matched in linear time', async () => {
    const place = await archived();
    const path = join(place.archive, 'orders/_walq/source.json');
    const owner: unknown = JSON.parse(await readFile(path, 'utf8'));
    const pattern = String.raw`(?=wal|log)(?:wal-|log-)+(?<number>\d+)`;
    const naming = { kind: 'pattern', base: 10, pattern };
    await writeFile(path, JSON.stringify(Object.assign({}, owner, { naming })));
    const read = await readArchiveOwner(place.store, 'orders');
    expect(() => read?.naming.parse(nameOf(1))).toThrow(
      expect.objectContaining({ code: 'archive-format-unknown' }),
    );
  });

  it('cannot have a source deleted that is not archived: what decodes to something else is no copy', async () => {
    const place = await archived();
    await place.write(1, 'the only copy');
    await expect(place.archive1(1)).rejects.toMatchObject({ code: 'duplicate' });
    await plant(place, zeros(GIB), { bytes: 13 });
    await expect(place.archive1(1)).rejects.toMatchObject({ code: 'object-corrupt' });
    await rm(place.objectPath(1));
    await symlink(join(place.root, nameOf(9)), place.objectPath(1));
    await expect(place.archive1(1)).rejects.toMatchObject({ code: 'object-foreign' });
    expect((await place.read(1)).toString()).toBe('the only copy');
    expect(await readFile(join(place.root, nameOf(9)), 'utf8')).toBe('outside');
  });
});

describe('a pattern of an archive', () => {
  it.each([
    [String.raw`^wal-(?<number>\d+)\.bin$`, 'wal-000017.bin', 17n],
    [String.raw`^(?:wal|log)-(?<number>\d{6})(?:\.bin)?$`, 'log-000018', 18n],
    [String.raw`(?<number>[0-9]+)`, 'wal-19', 19n],
  ])('%s is matched as ever', async (pattern, name, number) => {
    const place = await archived();
    const path = join(place.archive, 'orders/_walq/source.json');
    const owner: unknown = JSON.parse(await readFile(path, 'utf8'));
    const naming = { kind: 'pattern', base: 10, pattern };
    await writeFile(path, JSON.stringify(Object.assign({}, owner, { naming })));
    const read = await readArchiveOwner(place.store, 'orders');
    expect(read?.naming.parse(name)).toEqual({ name, number });
    expect(read?.naming.parse('none')).toBeUndefined();
  });
});
