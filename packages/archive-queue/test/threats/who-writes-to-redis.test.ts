import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  createArchiver,
  listQuarantine,
  namingOf,
  nodeDisk,
  readIdentity,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { jobIdOf } from '@walq/archive-queue';
import { eventually, startRedis } from '@walq/test-support';
import { describe, expect, it } from 'vitest';
import { consume, produceUpTo } from '../consume/consuming.ts';
import { openTestSource, segmentName, type TestSource } from '../support/test-source.ts';
import { openClient, payloadOf, probeQueue } from '../support/queue-probe.ts';

const OUTSIDE = 'nobody may touch this';

const archiverOf = ({ store }: TestSource) =>
  createArchiver({
    disk: nodeDisk,
    threads: createInlineThreads(nodeDisk),
    level: 1,
    worker: 'test',
    conservative: true,
    storeOf: () => store,
  });

/** Every file below a directory with what is in it. */
async function contentsBelow(directory: string): Promise<Record<string, string>> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile(),
  );
  const pairs = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path, await readFile(path, 'latin1')] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

describe('someone who can write to Redis', () => {
  it('cannot make walq archive or delete a file that is not a flushed segment of the source', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    const { directory } = place.source;
    await produceUpTo(place, redis.url, 2);
    await eventually(async () => expect((await place.segments()).length).toBeGreaterThan(0));
    const outside = join(dirname(directory), segmentName(1));
    await writeFile(outside, OUTSIDE);
    await symlink(outside, join(directory, segmentName(0)));
    const sourceId = (await eventually(() => readIdentity(nodeDisk, place.source))) ?? '';
    const queue = probeQueue(redis.url);
    const names = [
      `../${segmentName(1)}`,
      outside,
      `${segmentName(1)}/../../${segmentName(1)}`,
      '.walq/watermark.json',
      '.walq/source.json',
      segmentName(0),
      segmentName(3),
      '..',
      '\0',
      `wal-\n00000001.bin`,
      `wal-${'9'.repeat(5_000)}.bin`,
      '__proto__',
    ];
    const forged = names.map((segment) => payloadOf(sourceId, segment));
    await queue.addBulk(forged.map((data) => ({ name: 'archive', data })));
    const { events } = await consume(place, redis.url, archiverOf(place));
    await eventually(async () => {
      expect(await place.segments()).toEqual([segmentName(0), segmentName(3)]);
      expect(await queue.getJobCountByTypes('waiting', 'active', 'delayed')).toBe(0);
    });
    expect(await readFile(outside, 'utf8')).toBe(OUTSIDE);
    const ends = new Map(events.map((end) => [end.segment, 'why' in end ? end.why : end.kind]));
    expect(ends.get(segmentName(3))).toBe('not-flushed');
    expect(ends.get(segmentName(0))).toBe('quarantined');
    for (const name of names.slice(0, 5)) expect(ends.get(name)).toBe('no-segment');
    expect(await listQuarantine(place.store, 'orders')).toHaveLength(1);
    const objects = Object.keys(await contentsBelow(place.archiveDirectory));
    expect(
      objects.filter((path) => path.endsWith('.zst')).map((path) => path.split('/').at(-1)),
    ).toEqual([`${segmentName(1)}.zst`, `${segmentName(2)}.zst`]);
  });

  it('cannot keep a worker busy with a name that is longer than any file’s', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    // A source without a pattern.
    const source = { ...place.source, naming: namingOf({ kind: 'by-files' }) };
    const sourceId = (await readIdentity(nodeDisk, source)) ?? '';
    const segment = `${'1'.repeat(100_000)}a1a`;
    await probeQueue(redis.url).add('archive', payloadOf(sourceId, segment));
    const delay = monitorEventLoopDelay();
    delay.enable();
    const { events } = await consume({ ...place, source }, redis.url, archiverOf(place));
    await eventually(() => expect(events).toMatchObject([{ kind: 'dropped', why: 'malformed' }]));
    expect(delay.max / 1e6).toBeLessThan(5_000);
  });

  it('cannot make walq report segments as lost or workers as dead by a job’s claims about the past', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await produceUpTo(place, redis.url, 1);
    await eventually(async () => {
      expect(await readIdentity(nodeDisk, place.source)).toBeDefined();
    });
    const sourceId = (await readIdentity(nodeDisk, place.source)) ?? '';
    const { events } = await consume(place, redis.url, archiverOf(place));
    await eventually(async () => expect(await place.segments()).toEqual([segmentName(2)]));
    const queue = probeQueue(redis.url);
    const past = { missingSince: 1, stallsBefore: 7, stallsSurvived: 0, startedAlone: true };
    const forged = Array.from({ length: 300 }, (_, n) => {
      // Below the watermark by its number, and never there.
      const segment = segmentName(1).replace('0', '0'.repeat(n + 2));
      return { ...payloadOf(sourceId, segment), ...past };
    });
    const client = openClient(redis.url);
    await queue.pause();
    const jobs = await queue.addBulk(
      forged.map((data) => ({
        name: 'archive',
        data,
        opts: { jobId: jobIdOf(data.segments[0]?.segment ?? '') },
      })),
    );
    await Promise.all(jobs.map(({ id }) => client.hset(queue.toKey(id ?? ''), 'stc', '7')));
    await queue.resume();
    await eventually(() => {
      // Some names are longer than any in an archive: these are dropped.
      expect(events.filter(({ kind }) => kind !== 'archived')).toHaveLength(300);
    });
    expect(events.filter(({ kind }) => kind === 'quarantined')).toEqual([]);
    expect(await listQuarantine(place.store, 'orders')).toEqual([]);
  });

  it('cannot fill the archive with records of segments that never existed', async () => {
    const redis = await startRedis();
    const place = await openTestSource();
    await produceUpTo(place, redis.url, 1);
    const { events } = await consume(place, redis.url, archiverOf(place), { missingMs: 100 });
    await eventually(async () => expect(await place.segments()).toEqual([segmentName(2)]));
    const sourceId = (await readIdentity(nodeDisk, place.source)) ?? '';
    const forged = Array.from({ length: 300 }, (_, n) => {
      const segment = segmentName(1).replace('0', '0'.repeat(n + 2));
      return payloadOf(sourceId, segment);
    });
    await probeQueue(redis.url).addBulk(forged.map((data) => ({ name: 'archive', data })));
    await eventually(() => {
      const ended = events.filter(({ kind }) => kind === 'dropped' || kind === 'quarantined');
      expect(ended).toHaveLength(300);
    });
    // Concurrent jobs may each count the same records.
    expect((await listQuarantine(place.store, 'orders')).length).toBeLessThan(120);
  });
});
