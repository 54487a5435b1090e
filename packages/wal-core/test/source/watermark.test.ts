import { mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  advanceWatermark,
  createIdentity,
  nodeDisk,
  readWatermark,
  watermarkPath,
  type Source,
} from '@walq/wal-core/internal';
import { faultyDisk, failCall, failOperation, type DiskCall } from '@walq/conformance';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSource, segmentOf } from './a-source.ts';

async function anIdentifiedSource() {
  const source = await aSource();
  return { source, sourceId: await createIdentity(nodeDisk, source) };
}

const filesOf = (source: Source) => readdir(join(source.directory, '.walq'));

/** Other callers may pass between any two calls on the disk. */
const shufflingDisk = faultyDisk(nodeDisk, {
  onCall: async ({ number }) => {
    for (let turn = number % 4; turn > 0; turn -= 1) await setImmediate();
  },
});

describe('the watermark', () => {
  it('does not exist before the first segment is marked', async () => {
    const { source, sourceId } = await anIdentifiedSource();
    expect(await readWatermark(nodeDisk, source, sourceId)).toBeUndefined();
  });

  it('is written in the format of the public protocol', async () => {
    const { source, sourceId } = await anIdentifiedSource();
    await advanceWatermark(nodeDisk, source, sourceId, segmentOf(7));
    const text = await readFile(watermarkPath(source), 'utf8');
    expect(JSON.parse(text)).toEqual({ version: 1, sourceId, segment: 'wal-7' });
    expect((await filesOf(source)).toSorted()).toEqual(['source.json', 'watermark.json']);
  });

  it('only moves forward', async () => {
    const { source, sourceId } = await anIdentifiedSource();
    let furthest = -1;
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), async (number) => {
        furthest = Math.max(furthest, number);
        const inForce = await advanceWatermark(nodeDisk, source, sourceId, segmentOf(number));
        expect(inForce).toEqual(segmentOf(furthest));
        expect(await readWatermark(nodeDisk, source, sourceId)).toEqual(inForce);
      }),
      { numRuns: 30 },
    );
  });

  it('ends at the highest of many concurrent advances, and never moves back', async () => {
    const { source, sourceId } = await anIdentifiedSource();
    const numbers = Array.from({ length: 25 }, (_, n) => ((n * 7) % 25) + 1);
    const seen: bigint[] = [];
    let advancing = true;
    const watch = async (): Promise<void> => {
      while (advancing) {
        seen.push((await readWatermark(nodeDisk, source, sourceId))?.number ?? 0n);
        await setImmediate();
      }
    };
    const watching = watch();
    await Promise.all(
      numbers.map((n) => advanceWatermark(shufflingDisk, source, sourceId, segmentOf(n))),
    ).finally(() => (advancing = false));
    await watching;
    expect(await readWatermark(nodeDisk, source, sourceId)).toEqual(segmentOf(25));
    expect(seen).toEqual(seen.toSorted((a, b) => Number(a - b)));
    expect((await filesOf(source)).toSorted()).toEqual(['source.json', 'watermark.json']);
  });

  it('advances after a writer died while it wrote', async () => {
    const { source, sourceId } = await anIdentifiedSource();
    const lock = `${watermarkPath(source)}.lock`;
    await writeFile(lock, '');
    await utimes(lock, 0, 0);
    expect(await advanceWatermark(nodeDisk, source, sourceId, segmentOf(7))).toEqual(segmentOf(7));
    expect(await filesOf(source)).not.toContain('watermark.json.lock');
  });

  it('is in effect on a full disk, where a higher one cannot be written', async () => {
    const { source, sourceId } = await anIdentifiedSource();
    await advanceWatermark(nodeDisk, source, sourceId, segmentOf(7));
    const full = faultyDisk(nodeDisk, { onCall: failOperation('openNew', 'ENOSPC') });
    expect(await advanceWatermark(full, source, sourceId, segmentOf(7))).toEqual(segmentOf(7));
    expect(await advanceWatermark(full, source, sourceId, segmentOf(3))).toEqual(segmentOf(7));
    await expect(advanceWatermark(full, source, sourceId, segmentOf(8))).rejects.toMatchObject({
      code: 'source-io',
    });
  });

  const otherId = '4b0c6a3e-7d56-4a1c-8a3e-0c9a6b1f2d3e';
  it.each([
    ['', 'not JSON'],
    ['{"version":1,', 'not JSON'],
    ['[]', 'expected an object'],
    ['{"version":2,"sourceId":"ID","segment":"wal-7"}', 'this walq reads version 1'],
    ['{"version":1,"sourceId":"ID"}', 'segment'],
    ['{"version":1,"sourceId":"ID","segment":""}', 'segment'],
    ['{"version":1,"sourceId":"ID","segment":7}', 'segment'],
    ['{"version":1,"sourceId":"ID","segment":"../etc"}', "'../etc' is not a segment name"],
    ['{"version":1,"sourceId":"x","segment":"wal-7"}', 'sourceId'],
    [`{"version":1,"sourceId":"${otherId}","segment":"wal-7"}`, `belongs to source ${otherId}`],
  ])('%j is refused with a reason, and not replaced', async (template, why) => {
    const { source, sourceId } = await anIdentifiedSource();
    const text = template.replace('ID', sourceId);
    await writeFile(watermarkPath(source), text);
    const refused = {
      code: 'watermark-malformed',
      class: 'refused',
      message: expect.stringContaining(why),
    };
    await expect(readWatermark(nodeDisk, source, sourceId)).rejects.toMatchObject(refused);
    await expect(advanceWatermark(nodeDisk, source, sourceId, segmentOf(9))).rejects.toMatchObject(
      refused,
    );
    expect(await readFile(watermarkPath(source), 'utf8')).toBe(text);
  });

  it('may have fields that walq does not know', async () => {
    const { source, sourceId } = await anIdentifiedSource();
    const text = JSON.stringify({ version: 1, sourceId, segment: 'wal-7', lsn: '0/7', at: null });
    await writeFile(watermarkPath(source), text);
    expect(await readWatermark(nodeDisk, source, sourceId)).toEqual(segmentOf(7));
  });

  it('is an I/O failure of the source when it cannot be read, not a format error', async () => {
    const { source, sourceId } = await anIdentifiedSource();
    await mkdir(watermarkPath(source));
    await expect(readWatermark(nodeDisk, source, sourceId)).rejects.toMatchObject({
      code: 'source-io',
      class: 'retryable',
    });
  });

  it('is the old or the new one, whichever disk call fails, and durable once it is returned', async () => {
    for (let number = 1; ; number += 1) {
      const { source, sourceId } = await anIdentifiedSource();
      await advanceWatermark(nodeDisk, source, sourceId, segmentOf(1));
      const calls: DiskCall[] = [];
      const onCall = (call: DiskCall) => {
        calls.push(call);
        failCall(number, 'EIO')(call);
      };
      const disk = faultyDisk(nodeDisk, { onCall });
      const given = await advanceWatermark(disk, source, sourceId, segmentOf(2)).catch(
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'source-io', class: 'retryable' });
        },
      );
      const found = await readWatermark(nodeDisk, source, sourceId);
      expect([1n, 2n]).toContain(found?.number);
      if (given !== undefined) expect(found).toEqual(given);
      if (calls.length >= number) continue;
      const order = calls.map(({ operation }) => operation);
      expect(order.indexOf('file.sync')).toBeLessThan(order.indexOf('rename'));
      expect(order.indexOf('rename')).toBeLessThan(order.indexOf('syncDirectory'));
      return;
    }
  });
});
