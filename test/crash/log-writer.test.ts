import { expect, test } from 'vitest';
import { mkdir } from 'node:fs/promises';
import { openLog, readLog } from '@walq/wal-core/internal';
import { temporaryDirectory } from '@walq/test-support';
import { crashPointsOf, crashRun, forEachFew } from './crash-run.ts';

async function place(): Promise<{ root: string; log: string }> {
  const { path: root, at } = await temporaryDirectory('crash');
  await mkdir(at('wal'));
  return { root, log: at('wal') };
}

async function recordsIn(directory: string): Promise<number> {
  let count = 0;
  for await (const { payload } of readLog(directory)) {
    expect(Buffer.from(payload).toString()).toBe('x'.repeat(200));
    count += 1;
  }
  return count;
}

test('killed before any change to the disk, a log has all that it acknowledged, and continues', async () => {
  const points = await crashPointsOf({ part: 'log', root: (await place()).root });
  expect(points.length).toBeGreaterThan(15);
  await forEachFew(points, async ({ killAt, before }) => {
    const { root, log } = await place();
    const killed = await crashRun({ part: 'log', root, killAt });
    expect({ before, signal: (await killed.exit).signal }).toEqual({ before, signal: 'SIGKILL' });
    const acknowledged = killed.stderr.match(/^acknowledged /gm)?.length ?? 0;

    const reopened = await openLog({ directory: log, segmentBytesMax: 600 });
    await reopened.append(Buffer.from('x'.repeat(200)));
    await reopened.close();

    expect(await recordsIn(log)).toBeGreaterThan(acknowledged);
  });
});
