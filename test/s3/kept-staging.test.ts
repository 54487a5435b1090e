import { mkdir, open, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startFaultProxy, temporaryDirectory, type FaultProxy } from '@walq/test-support';
import {
  archiveOne,
  advanceWatermark,
  createArchiver,
  createInlineThreads,
  directorySource,
  nodeDisk,
  openS3Store,
  openSource,
  type SegmentReport,
  type Source,
} from '@walq/wal-core/internal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settingsFor, startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const SEGMENT = 'wal-000001.bin';
const OBJECT = `orders/00000000/${SEGMENT}.zst`;
const TEXT = 'a record of the log\n'.repeat(20_000);

class Place {
  readonly root: string;
  readonly proxy: FaultProxy;
  readonly url = site.freshUrl();
  readonly source: Source;
  /** Steps of the last attempt. */
  steps: string[] = [];

  constructor(root: string, proxy: FaultProxy) {
    this.root = root;
    this.proxy = proxy;
    this.source = directorySource({
      name: 'orders',
      directory: join(root, 'wal'),
      pattern: /^wal-(?<number>\d+)\.bin$/,
      afterArchive: 'delete',
    });
  }

  get path(): string {
    return join(this.source.directory, SEGMENT);
  }

  store() {
    const { s3: settings } = settingsFor(this.proxy.endpoint, join(this.root, 'staging'));
    return openS3Store(this.url, { disk: nodeDisk, settings });
  }

  /** One attempt, as a new process makes it. */
  async archive(conservative = true): Promise<SegmentReport> {
    const store = this.store();
    this.steps = [];
    const archiver = createArchiver({
      disk: nodeDisk,
      threads: createInlineThreads(nodeDisk),
      storeOf: () => store,
      level: 3,
      conservative,
      worker: 'test:1',
      onStep: (step) => void this.steps.push(step),
    });
    try {
      return await archiveOne(archiver, this.source, SEGMENT, { signal: never });
    } finally {
      await archiver.close();
      await store.close();
    }
  }

  /** Paths of what is kept for a later attempt. */
  async kept(): Promise<string[]> {
    const staging = join(this.root, 'staging');
    const names = await readdir(staging, { recursive: true });
    return names.filter((name) => /\.(kept|tmp)$/.test(name)).map((name) => join(staging, name));
  }

  /** Uploads of segments are refused from now on. */
  refuseUploads(): void {
    this.proxy.faultOf = ({ method, path }) =>
      method === 'PUT' && path.includes('.zst')
        ? { kind: 'answer', status: 503, code: 'SlowDown' }
        : undefined;
  }

  accept(): void {
    this.proxy.faultOf = () => undefined;
  }
}

const never = new AbortController().signal;

async function newPlace(): Promise<Place> {
  const directory = await temporaryDirectory('place');
  const place = new Place(directory.path, await startFaultProxy(site.server.port));
  await mkdir(place.source.directory);
  await writeFile(place.path, TEXT);
  await writeFile(join(place.source.directory, 'wal-000002.bin'), 'the newest');
  const store = place.store();
  const { source } = place;
  const { sourceId } = await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  await advanceWatermark(nodeDisk, source, sourceId, { name: SEGMENT, number: 1n });
  await store.close();
  return place;
}

const unavailable = { code: 'store-unavailable', class: 'retryable' };

describe('what was compressed before an upload failed', () => {
  test('is published by the next attempt, also of another process', async () => {
    const place = await newPlace();
    place.refuseUploads();
    await expect(place.archive()).rejects.toMatchObject(unavailable);
    expect(place.steps).toContain('compress');
    const [kept = ''] = await place.kept();
    const staged = await readFile(kept);
    await expect(place.archive()).rejects.toMatchObject(unavailable);
    expect(place.steps).not.toContain('compress');
    place.accept();
    expect(await place.archive()).toMatchObject({ outcome: 'archived', bytesIn: TEXT.length });
    expect(place.steps).not.toContain('compress');
    expect(staged.equals(await site.content(place.url, OBJECT))).toBe(true);
    expect(await place.kept()).toEqual([]);
    expect(await readdir(place.source.directory)).not.toContain(SEGMENT);
  });

  test('is made again when the source has changed by then', async () => {
    const place = await newPlace();
    place.refuseUploads();
    await expect(place.archive()).rejects.toMatchObject(unavailable);
    await writeFile(place.path, TEXT.replace('record', 'RECORD'));
    place.accept();
    await place.archive();
    expect(place.steps).toContain('compress');
    expect(await readdir(place.source.directory)).not.toContain(SEGMENT);
  });

  test('is made again when it was damaged in between', async () => {
    const place = await newPlace();
    place.refuseUploads();
    await expect(place.archive()).rejects.toMatchObject(unavailable);
    const [kept = ''] = await place.kept();
    const file = await open(kept, 'r+');
    await file.write(Buffer.from('damaged'), 0, 7, 30);
    await file.close();
    place.accept();
    expect(await place.archive()).toMatchObject({ outcome: 'archived' });
    expect(place.steps).toContain('compress');
    expect(await place.kept()).toEqual([]);
  });

  test('is swept when nobody has asked for it for a day', async () => {
    const place = await newPlace();
    place.refuseUploads();
    await expect(place.archive()).rejects.toMatchObject(unavailable);
    const [kept = ''] = await place.kept();
    const then = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(kept, then, then);
    const store = place.store();
    expect(await store.sweep('orders')).toBe(1);
    await store.close();
    expect(await place.kept()).toEqual([]);
  });
});

describe('the stored object', () => {
  /** Turns a bit of what was just stored. */
  const damaging = (place: Place) => {
    place.proxy.faultOf = ({ method, path }) =>
      method === 'PUT' && path.includes('.zst')
        ? {
            kind: 'after',
            does: async () => {
              const content = await site.content(place.url, OBJECT);
              content[40] = (content[40] ?? 0) ^ 1;
              await site.replace(place.url, OBJECT, content);
            },
          }
        : undefined;
  };

  test('is brought back and compared in conservative mode', async () => {
    const place = await newPlace();
    damaging(place);
    await expect(place.archive()).rejects.toMatchObject({
      code: 'object-corrupt',
      class: 'permanent',
    });
    expect(await readFile(place.path, 'utf8')).toBe(TEXT);
    expect(await place.kept()).toEqual([]);
  });

  test('that is another segment whole is refused as well', async () => {
    const place = await newPlace();
    const other = await newPlace();
    await writeFile(other.path, 'something else');
    await other.archive();
    place.proxy.faultOf = ({ method, path }) =>
      method === 'PUT' && path.includes('.zst')
        ? {
            kind: 'after',
            does: async () =>
              site.replace(place.url, OBJECT, await site.content(other.url, OBJECT)),
          }
        : undefined;
    await expect(place.archive()).rejects.toMatchObject({ code: 'duplicate' });
    expect(await readFile(place.path, 'utf8')).toBe(TEXT);
  });

  test('is trusted without conservative mode: nothing is brought back', async () => {
    const place = await newPlace();
    const downloads: string[] = [];
    place.proxy.faultOf = ({ method, path }) => {
      if (method === 'GET' && path.includes('.zst')) downloads.push(path);
      return undefined;
    };
    expect(await place.archive(false)).toMatchObject({ outcome: 'archived' });
    expect(downloads).toEqual([]);
  });
});
