import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  findQuarantined,
  listQuarantine,
  nodeDisk,
  openStore,
  quarantineFilter,
  quarantineSegment,
  releaseFromQuarantine,
  type QuarantineReason,
} from '@walq/wal-core/internal';
import { MemoryStore } from '@walq/conformance';
import { describe, expect, it } from 'vitest';
import { newArchive } from '../store/directory-archive.ts';

const SOURCE = 'orders';

const reasonFor = (segment: string): QuarantineReason => ({
  segment,
  code: 'duplicate',
  message: `the archive holds different content under '${segment}'`,
  hint: 'Compare both.',
  quarantinedAt: '2026-01-02T03:04:05.678Z',
  worker: 'host:1',
});

const sha256 = (segment: string) => createHash('sha256').update(segment).digest('hex');
const recordFile = (root: string, name: string) =>
  join(root, SOURCE, '_walq/quarantine', `${name}.json`);

describe('the quarantine', () => {
  it('keeps a segment and its reason in the archive, for every process to see', async () => {
    const { store, root } = await newArchive();
    expect(await quarantineSegment(store, SOURCE, reasonFor('wal-7'))).toBe('created');
    const other = openStore(root, { disk: nodeDisk });
    expect(await listQuarantine(other, SOURCE)).toEqual([
      { version: 1, source: SOURCE, ...reasonFor('wal-7'), ...recordOf('wal-7') },
    ]);
    expect(await findQuarantined(other, SOURCE, 'wal-7')).toBeDefined();
    expect(await findQuarantined(other, SOURCE, 'wal-8')).toBeUndefined();
    expect(await findQuarantined(other, 'ledger', 'wal-7')).toBeUndefined();
    const text = await readFile(recordFile(root, sha256('wal-7')), 'utf8');
    expect(JSON.parse(text)).toEqual({ version: 1, source: SOURCE, ...reasonFor('wal-7') });
  });

  it('keeps the first reason', async () => {
    const store = new MemoryStore();
    await quarantineSegment(store, SOURCE, reasonFor('wal-7'));
    const later = { ...reasonFor('wal-7'), code: 'object-corrupt' } as const;
    expect(await quarantineSegment(store, SOURCE, later)).toBe('exists');
    expect((await listQuarantine(store, SOURCE)).map(({ code }) => code)).toEqual(['duplicate']);
  });

  it('accepts any segment name, and lists by name', async () => {
    const { store } = await newArchive();
    const names = ['../../etc/passwd', 'ü'.repeat(200), 'new\nline', 'b', 'a', '.', 'x\0y'];
    await Promise.all(names.map((name) => quarantineSegment(store, SOURCE, reasonFor(name))));
    const listed = (await listQuarantine(store, SOURCE)).map(({ segment }) => segment);
    expect(listed).toEqual(names.toSorted());
    const isQuarantined = await quarantineFilter(store, SOURCE);
    for (const name of names) expect(isQuarantined(name)).toBe(true);
    expect(isQuarantined('c')).toBe(false);
  });

  it('reads a few records at a time, however many there are', async () => {
    const store = new MemoryStore();
    for (let n = 0; n < 200; n += 1) await quarantineSegment(store, SOURCE, reasonFor(`wal-${n}`));
    const { records } = store;
    let reading = 0;
    let readingMax = 0;
    const read = async (source: string, name: string) => {
      reading += 1;
      readingMax = Math.max(readingMax, reading);
      await new Promise(setImmediate);
      reading -= 1;
      return records.read(source, name);
    };
    Object.assign(store, { records: { list: records.list.bind(records), read } });
    expect(await listQuarantine(store, SOURCE)).toHaveLength(200);
    expect(readingMax).toBeGreaterThan(1);
    expect(readingMax).toBeLessThanOrEqual(8);
  });

  it('releases a segment, also repeatedly, and can quarantine it again', async () => {
    const { store } = await newArchive();
    await quarantineSegment(store, SOURCE, reasonFor('wal-7'));
    await quarantineSegment(store, SOURCE, reasonFor('wal-8'));
    await releaseFromQuarantine(store, SOURCE, recordOf('wal-7'));
    await releaseFromQuarantine(store, SOURCE, recordOf('wal-7'));
    expect(await findQuarantined(store, SOURCE, 'wal-7')).toBeUndefined();
    expect((await listQuarantine(store, SOURCE)).map(({ segment }) => segment)).toEqual(['wal-8']);
    expect(await quarantineSegment(store, SOURCE, reasonFor('wal-7'))).toBe('created');
  });

  it('is empty where nothing was ever quarantined', async () => {
    const { store, root } = await newArchive();
    expect(await listQuarantine(store, SOURCE)).toEqual([]);
    expect((await quarantineFilter(store, SOURCE))('wal-7')).toBe(false);
    await releaseFromQuarantine(store, SOURCE, recordOf('wal-7'));
    expect(await readdir(root)).toEqual([]);
  });

  it.each([
    ['not JSON', 'JSON', ''],
    ['not JSON', 'JSON', '{"version":1,'],
    [
      'of a newer version',
      'version',
      JSON.stringify({ version: 2, source: SOURCE, ...reasonFor('wal-7') }),
    ],
    [
      'of an unknown code',
      'code',
      JSON.stringify({ version: 1, source: SOURCE, ...reasonFor('wal-7'), code: 'x' }),
    ],
    [
      'another segment’s',
      'wal-8',
      JSON.stringify({ version: 1, source: SOURCE, ...reasonFor('wal-8') }),
    ],
    [
      'another source’s',
      'ledger',
      JSON.stringify({ version: 1, source: 'ledger', ...reasonFor('wal-7') }),
    ],
  ])(
    'reports a record that is %s, keeps its segment in quarantine and can release it',
    async (_, why, text) => {
      const { store, root } = await newArchive();
      await quarantineSegment(store, SOURCE, reasonFor('wal-7'));
      await quarantineSegment(store, SOURCE, reasonFor('wal-9'));
      await writeFile(recordFile(root, sha256('wal-7')), text);

      const listed = await listQuarantine(store, SOURCE);
      expect(listed.map(({ code }) => code).toSorted()).toEqual([
        'duplicate',
        'quarantine-malformed',
      ]);
      expect(listed.find(({ code }) => code === 'quarantine-malformed')).toMatchObject({
        segment: sha256('wal-7'),
        message: expect.stringContaining(why),
      });
      expect(await findQuarantined(store, SOURCE, 'wal-7')).toBeDefined();
      expect((await quarantineFilter(store, SOURCE))('wal-7')).toBe(true);
      await releaseFromQuarantine(store, SOURCE, recordOf('wal-7'));
      expect(await listQuarantine(store, SOURCE)).toHaveLength(1);
    },
  );
});

const recordOf = (segment: string) => ({ record: sha256(segment) });
