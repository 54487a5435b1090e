import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  faultsAtAnyTime,
  faultsAtTheEnd,
  temporaryDirectory,
  type TemporaryDirectory,
} from '@walq/test-support';
import {
  createArchiver,
  createInlineThreads,
  directorySource,
  markFlushed,
  nodeDisk,
  openSource,
  openStore,
  steps,
  type Disk,
  type Source,
} from '@walq/wal-core/internal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ext4, mayCutPower } from './ext4.ts';

const BATCH = ['wal-1.bin', 'wal-2.bin', 'wal-3.bin'] as const;
const [FIRST, , LAST] = BATCH;
const NEWEST = 'wal-4.bin';
const NAMES = [...BATCH, NEWEST];
/** Only a PostgreSQL source passes them. */
const postgresOnly: readonly string[] = ['recheck', 'acknowledge'];
const ownSteps = steps.filter((step) => !postgresOnly.includes(step));

interface Site {
  readonly originals: string;
  readonly source: string;
  readonly sourceFolder: string;
  readonly archive: string;
}

describe.runIf(mayCutPower)(
  'archiving on an ext4 that loses its cache (needs root, to mount it)',
  () => {
    let disks: { readonly engine: Ext4; readonly archive: Ext4 };
    let directory: TemporaryDirectory;
    let originals: string;
    let sites = 0;

    beforeAll(async () => {
      directory = await temporaryDirectory('cut');
      originals = directory.at('originals');
      await mkdir(originals);
      for (const name of NAMES) await writeFile(join(originals, name), `${name} `.repeat(20_000));
      disks = {
        engine: await Ext4.mountedAt(directory.at('engine')),
        archive: await Ext4.mountedAt(directory.at('archive')),
      };
    });
    afterAll(async () => {
      await disks.engine.unmount();
      await disks.archive.unmount();
      await directory.remove();
    });

    /** A source flushed up to its third segment, and an archive that knows it; all durable. */
    async function newSite(): Promise<Site> {
      const name = `site-${(sites += 1)}`;
      const [source, archive] = [join(disks.engine.path, name), join(disks.archive.path, name)];
      for (const directory of [source, archive]) await mkdir(directory);
      for (const segment of NAMES) {
        await copyFile(join(originals, segment), join(source, segment));
        await nodeDisk.syncFile(join(source, segment));
      }
      for (const directory of [source, disks.engine.path, disks.archive.path]) {
        await nodeDisk.syncDirectory(directory);
      }
      const site = { originals, source, archive, sourceFolder: join(archive, 'orders') };
      const open = { disk: nodeDisk, source: sourceOf(site), store: storeOf(site, nodeDisk) };
      const marked = await openSource({ ...open, registerIfNew: true });
      await markFlushed(nodeDisk, marked, { name: LAST, number: 3n });
      return site;
    }

    /** Both lose their power, whatever is in flight. */
    async function cutPower(): Promise<void> {
      for (const ext4 of [disks.archive, disks.engine]) await ext4.shutDown();
    }

    async function startAgain(): Promise<void> {
      for (const ext4 of [disks.archive, disks.engine]) await ext4.startAgain();
    }

    async function cutBefore(site: Site, deadly: string, disk = nodeDisk): Promise<void> {
      const onStep = async (step: string): Promise<void> => {
        if (step === deadly) await cutPower();
      };
      await expect(archive(site, BATCH, { onStep, disk })).rejects.toThrow();
      await startAgain();
    }

    async function expectHome(site: Site): Promise<void> {
      expect(await faultsAtAnyTime(site)).toEqual([]);
      await archive(site, BATCH);
      const end = { left: [NEWEST], archived: BATCH };
      expect(await faultsAtTheEnd(site, end)).toEqual([]);
    }

    test.each(ownSteps.filter((step) => step !== 'make-durable'))(
      'nothing is lost before the step %s',
      async (step) => {
        const site = await newSite();
        await cutBefore(site, step);
        await expectHome(site);
      },
    );

    test('nothing is lost right after a batch was archived', async () => {
      const site = await newSite();
      await archive(site, BATCH);
      await cutPower();
      await startAgain();
      await expectHome(site);
    });

    test.each(['find', 'make-durable', 'unlink-source', 'sync-source'])(
      'nothing is lost before the step %s of who finds an object whose publisher was killed',
      async (step) => {
        const site = await newSite();
        const killed = (at: string): void => {
          if (at === 'confirm') throw new Error('killed');
        };
        const lazy = { ...nodeDisk, syncDirectory: async () => {} };
        await expect(archive(site, [FIRST], { onStep: killed, disk: lazy })).rejects.toThrow(
          'killed',
        );
        await cutBefore(site, step);
        await expectHome(site);
      },
    );

    test('a missing fsync of the archive is seen here: the segment is gone', async () => {
      const site = await newSite();
      const careless: Disk = {
        ...nodeDisk,
        syncDirectory: async (path) => {
          if (!path.startsWith(disks.archive.path)) await nodeDisk.syncDirectory(path);
        },
      };
      await archive(site, [FIRST], { disk: careless });
      await cutPower();
      await startAgain();
      expect(await faultsAtAnyTime(site)).toEqual([
        `${FIRST} is neither at the source nor in the archive`,
      ]);
    });
  },
);

async function archive(
  site: Site,
  segments: readonly string[],
  {
    disk = nodeDisk,
    onStep,
  }: { disk?: Disk; onStep?: (step: string) => void | Promise<void> } = {},
): Promise<void> {
  const store = storeOf(site, disk);
  const archiver = createArchiver({
    disk,
    threads: createInlineThreads(disk),
    storeOf: () => store,
    level: 1,
    conservative: true,
    worker: 'test:1',
    ...(onStep !== undefined && { onStep }),
  });
  const { signal } = new AbortController();
  for (const { failure } of await archiver.archive(sourceOf(site), segments, { signal })) {
    if (failure !== undefined) throw failure;
  }
}

const storeOf = ({ archive: directory }: Site, disk: Disk) => openStore(directory, { disk });

const sourceOf = ({ source: directory }: Site): Source =>
  directorySource({
    name: 'orders',
    directory,
    pattern: /^wal-(?<number>\d+)\.bin$/,
    afterArchive: 'delete',
  });
