import { temporaryDirectory } from '@walq/test-support';
import { nodeDisk, type Disk } from '@walq/wal-core/internal';
import { faultyDisk, type DiskCall } from '@walq/conformance';
import { expect, test } from 'vitest';
import { openedLog, text } from './opened-log.ts';

/** A disk that records the calls on one segment's file when they begin and when they end. */
function watchedDisk(): { disk: Disk; seen: string[] } {
  const seen: string[] = [];
  const record = (when: string) => (call: DiskCall) => {
    if (call.path.endsWith('.wal')) seen.push(`${call.operation} ${when}`);
  };
  return {
    seen,
    disk: faultyDisk(nodeDisk, { onCall: record('begun'), onDone: record('done') }),
  };
}

const countOf = (seen: readonly string[], what: string): number =>
  seen.filter((each) => each === what).length;

test('a thousand appends at the same time take one write and one fsync', async () => {
  const directory = await temporaryDirectory('log');
  const { disk, seen } = watchedDisk();
  const log = await openedLog(directory.path, { disk });
  seen.length = 0;
  const sequences = await Promise.all(
    Array.from({ length: 1000 }, (_, at) => log.append(text(`record ${at}`))),
  );
  expect(sequences).toEqual(Array.from({ length: 1000 }, (_, at) => BigInt(at + 1)));
  expect(countOf(seen, 'file.write done')).toBe(1);
  expect(countOf(seen, 'file.sync done')).toBe(1);
});

test('appends during a commit share the next one', async () => {
  const directory = await temporaryDirectory('log');
  const { disk, seen } = watchedDisk();
  const log = await openedLog(directory.path, { disk });
  seen.length = 0;
  const writers = Array.from({ length: 50 }, async () => {
    for (let at = 0; at < 20; at += 1) await log.append(text('x'));
  });
  await Promise.all(writers);
  expect(log.position).toBe(1000n);
  expect(countOf(seen, 'file.sync done')).toBeLessThan(100);
});

test('nothing is acknowledged before its fsync is done', async () => {
  const directory = await temporaryDirectory('log');
  const { disk, seen } = watchedDisk();
  const log = await openedLog(directory.path, { disk, segmentBytesMax: 300 });
  seen.length = 0;
  await Promise.all(
    Array.from({ length: 200 }, async (_, at) => {
      await log.append(text(`record ${at}`));
      seen.push('acknowledged');
    }),
  );
  const openAtAcknowledgement = seen.map((each, at) => {
    const before = seen.slice(0, at);
    const isOpen = before.lastIndexOf('file.write begun') > before.lastIndexOf('file.sync done');
    return each === 'acknowledged' && isOpen;
  });
  expect(openAtAcknowledgement).not.toContain(true);
  expect(countOf(seen, 'acknowledged')).toBe(200);
});

test('a new segment and its name are durable before a record in it is acknowledged', async () => {
  const directory = await temporaryDirectory('log');
  const calls: string[] = [];
  const note = ({ operation, path }: DiskCall): void => {
    if (path === directory.path || path.endsWith('2.wal')) calls.push(operation);
  };
  const log = await openedLog(directory.path, { disk: faultyDisk(nodeDisk, { onDone: note }) });
  await log.append(text('first'));
  calls.length = 0;
  await log.seal();
  await log.append(text('second'));
  expect(calls).toEqual([
    'openNew',
    'file.write',
    'file.sync',
    'syncDirectory',
    'file.write',
    'file.sync',
  ]);
});

test('a commit is bounded: further appends wait for the next', async () => {
  const directory = await temporaryDirectory('log');
  const { disk, seen } = watchedDisk();
  const log = await openedLog(directory.path, { disk, commitBytesMax: 1160 });
  seen.length = 0;
  await Promise.all(Array.from({ length: 30 }, () => log.append(new Uint8Array(100))));
  expect(countOf(seen, 'file.sync done')).toBe(3);
});
