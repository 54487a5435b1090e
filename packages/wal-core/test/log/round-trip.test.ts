import { readdir, truncate } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { openLog, readLog, type Log, type OpenLogOptions } from '@walq/wal-core/internal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentsOf, nameOf, openedLog, text, writeLog } from './opened-log.ts';

type Step = { readonly append: readonly Uint8Array[] } | 'seal' | 'reopen';

const payload = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 0, max: 200 * 1024 })
      .map((bytes) => Uint8Array.from({ length: bytes }, (_, at) => (at * 31) & 0xff)),
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ append: fc.array(payload, { maxLength: 20 }) }) },
  { weight: 1, arbitrary: fc.constant<Step>('seal') },
  { weight: 1, arbitrary: fc.constant<Step>('reopen') },
);

test('what was appended is read back, in order, through seals, rotations and reopenings', async () => {
  const scenario = fc.record({
    steps: fc.array(step, { maxLength: 12 }),
    segmentBytesMax: fc.constantFrom(100, 4096, 65_536, 16 * 1024 * 1024),
    commitBytesMax: fc.constantFrom(1, 1000, 4 * 1024 * 1024),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ steps, ...limits }) => {
      const directory = await temporaryDirectory('log');
      try {
        const appended = await play(steps, { directory: directory.path, ...limits });
        let sequence = 0n;
        for await (const record of readLog(directory.path)) {
          sequence += 1n;
          expect(record.sequence).toBe(sequence);
          const expected = appended[Number(sequence) - 1] ?? new Uint8Array(1);
          expect(Buffer.compare(record.payload, expected)).toBe(0);
        }
        expect(Number(sequence)).toBe(appended.length);
      } finally {
        await directory.remove();
      }
    }),
    { numRuns: 40 },
  );
});

async function play(steps: readonly Step[], options: OpenLogOptions): Promise<Uint8Array[]> {
  const appended: Uint8Array[] = [];
  let log: Log = await openLog(options);
  for (const each of steps) {
    if (each === 'seal') await log.seal();
    else if (each === 'reopen') {
      await log.close();
      log = await openWhole(options);
    } else {
      await Promise.all(each.append.map((bytes) => log.append(bytes)));
      appended.push(...each.append);
    }
    expect(log.position).toBe(BigInt(appended.length));
  }
  await log.close();
  return appended;
}

async function openWhole(options: OpenLogOptions): Promise<Log> {
  const log = await openLog(options);
  expect(log.tornTail).toBeUndefined();
  return log;
}

test('a segment is sealed when the next record does not fit, and reported once', async () => {
  const directory = await temporaryDirectory('log');
  const sealed: string[] = [];
  const log = await openedLog(directory.path, {
    segmentBytesMax: 100,
    onSealed: ({ name }) => sealed.push(name),
  });
  for (const each of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) await log.append(text(each));
  expect(sealed).toEqual([nameOf(1), nameOf(2)]);
  expect(log.currentSegment).toEqual({ name: nameOf(3), number: 3n });
});

test('sealing waits for what was appended before, and does nothing to an empty segment', async () => {
  const directory = await temporaryDirectory('log');
  const log = await openedLog(directory.path);
  expect(await log.seal()).toBeUndefined();
  const [first, sealed, second] = await Promise.all([
    log.append(text('before')),
    log.seal(),
    log.append(text('after')),
  ]);
  expect([first, sealed?.name, second]).toEqual([1n, nameOf(1), 2n]);
  await log.close();
  expect(await contentsOf(directory.path)).toEqual(['1:before', '2:after']);
});

test('a record larger than a segment gets a segment of its own', async () => {
  const directory = await temporaryDirectory('log');
  const log = await openedLog(directory.path, { segmentBytesMax: 64 });
  await Promise.all(['a', 'x'.repeat(1000), 'b'].map((each) => log.append(text(each))));
  await log.close();
  const names = (await readdir(directory.path)).filter((name) => name.endsWith('.wal'));
  expect(names.toSorted()).toEqual([nameOf(1), nameOf(2), nameOf(3)]);
  expect(await contentsOf(directory.path)).toEqual(['1:a', `2:${'x'.repeat(1000)}`, '3:b']);
});

test('a closed log takes no more records, and finishes those that it has taken', async () => {
  const directory = await temporaryDirectory('log');
  const log = await openLog({ directory: directory.path });
  const last = log.append(text('last'));
  const closing = log.close();
  await expect(log.append(text('late'))).rejects.toMatchObject({ code: 'log-closed' });
  await expect(last).resolves.toBe(1n);
  await closing;
  await log.close();
});

test('a payload above the limit is refused without effect', async () => {
  const directory = await temporaryDirectory('log');
  const log = await openedLog(directory.path);
  const huge = new Uint8Array(64 * 1024 * 1024 + 1);
  await expect(log.append(huge)).rejects.toMatchObject({ code: 'log-record-too-large' });
  expect(await log.append(text('small'))).toBe(1n);
});

test.each([{ segmentBytesMax: 0 }, { segmentBytesMax: 2 ** 37 }, { commitBytesMax: 0.5 }])(
  'a limit that cannot be kept is refused: %o',
  async (limits) => {
    const directory = await temporaryDirectory('log');
    const opening = openLog({ directory: directory.path, ...limits });
    await expect(opening).rejects.toMatchObject({ code: 'configuration-invalid' });
  },
);

test('reading begins at the requested record', async () => {
  const directory = await temporaryDirectory('log');
  const log = await openedLog(directory.path, { segmentBytesMax: 100 });
  for (let at = 1; at <= 40; at += 1) await log.append(text(`r${at}`));
  const sequences = Array.from({ length: 40 }, (_, at) => at + 1);
  for (const from of [...sequences, 41]) {
    const read = await contentsOf(directory.path, BigInt(from));
    expect(read.map((each) => Number(each.split(':')[0]))).toEqual(sequences.slice(from - 1));
  }
});

test('reading from a late record does not read earlier segments', async () => {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.path, [['one'], ['two'], ['three']]);
  await truncate(directory.at(nameOf(1)), 40);
  expect(await contentsOf(directory.path, 2n)).toEqual(['2:two', '3:three']);
});

test('a log can be read while it is written: all earlier acknowledged records are there', async () => {
  const directory = await temporaryDirectory('log');
  const log = await openedLog(directory.path, { segmentBytesMax: 500 });
  for (let round = 1; round <= 20; round += 1) {
    await Promise.all(Array.from({ length: 10 }, (_, at) => log.append(text(`${round}/${at}`))));
    const known = Number(log.position);
    const busy = Promise.all(Array.from({ length: 30 }, () => log.append(text('during'))));
    const contents = await contentsOf(directory.path);
    expect(contents.length).toBeGreaterThanOrEqual(known);
    await busy;
  }
});
