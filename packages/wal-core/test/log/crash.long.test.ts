import { cp, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { temporaryDirectory, type TemporaryDirectory } from '@walq/test-support';
import { openLog } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { contentsOf, nameOf, openedLog, text, writeLog } from './opened-log.ts';

const HEADER_BYTES = 32;
const recordBytes = (payload: string): number => 16 + payload.length;

async function copyOf(directory: string, to: TemporaryDirectory, name: string): Promise<string> {
  const path = to.at(name);
  await cp(directory, path, { recursive: true });
  return path;
}

async function overwrite(path: string, position: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
  await file.close();
}

async function flip(path: string, position: number): Promise<void> {
  const bytes = await readFile(path);
  await overwrite(path, position, Uint8Array.of((bytes[position] ?? 0) ^ 0x10));
}

test('a log cut at any byte has exactly the records that were whole, and takes new ones', async () => {
  const directory = await temporaryDirectory('log');
  const payloads = ['one', '', 'three', 'four'.repeat(20)];
  await writeLog(directory.at('log'), [['sealed'], payloads]);
  const file = await readFile(directory.at('log', nameOf(2)));
  const ends = payloads.map((_, at) =>
    payloads.slice(0, at + 1).reduce((sum, each) => sum + recordBytes(each), HEADER_BYTES),
  );
  for (let size = 0; size <= file.length; size += 1) {
    const path = await copyOf(directory.at('log'), directory, `cut-${size}`);
    await truncate(`${path}/${nameOf(2)}`, size);
    const whole = ends.filter((end) => end <= size).length;
    const expected = ['sealed', ...payloads.slice(0, whole)].map((each, at) => `${at + 1}:${each}`);
    expect(await contentsOf(path)).toEqual(expected);

    const log = await openLog({ directory: path });
    const isWhole = size === HEADER_BYTES || ends.includes(size) || size === file.length;
    expect(log.tornTail === undefined).toBe(isWhole);
    expect(log.position).toBe(BigInt(whole + 1));
    expect(await log.append(text('next'))).toBe(BigInt(whole + 2));
    await log.close();
    expect(await contentsOf(path)).toEqual([...expected, `${whole + 2}:next`]);
  }
});

test('a torn tail is reported with what was cut', async () => {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.path, [['one', 'two']]);
  await truncate(directory.at(nameOf(1)), HEADER_BYTES + recordBytes('one') + 5);
  const log = await openedLog(directory.path);
  expect(log.tornTail).toEqual({
    segment: nameOf(1),
    offset: HEADER_BYTES + recordBytes('one'),
    cutBytes: 5,
    reason: 'the segment ends within a record',
  });
  expect((await readFile(directory.at(nameOf(1)))).length).toBe(HEADER_BYTES + recordBytes('one'));
});

test('a tail of zeros, which a power cut can leave, is a torn tail', async () => {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.path, [['one', 'two']]);
  const end = HEADER_BYTES + recordBytes('one') + recordBytes('two');
  await truncate(directory.at(nameOf(1)), end);
  await truncate(directory.at(nameOf(1)), end + 10_000);
  const log = await openedLog(directory.path);
  expect(log.tornTail).toMatchObject({ offset: end, cutBytes: 10_000 });
  expect(log.position).toBe(2n);
});

test('the pages of the last commit may be lost in any order: its records are cut, none before', async () => {
  const directory = await temporaryDirectory('log');
  const log = await openLog({ directory: directory.path });
  await log.append(text('acknowledged'));
  await Promise.all(['a', 'b', 'c'].map((each) => log.append(text(each))));
  await log.close();
  const begin = HEADER_BYTES + recordBytes('acknowledged');
  await truncate(directory.at(nameOf(1)), begin + 3 * recordBytes('a'));
  await overwrite(directory.at(nameOf(1)), begin, new Uint8Array(recordBytes('a')));
  const again = await openedLog(directory.path);
  expect(again.tornTail).toMatchObject({ offset: begin });
  expect(await contentsOf(directory.path)).toEqual(['1:acknowledged']);
});

test('a wrong byte before a later commit is damage, and nothing is changed', async () => {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.at('log'), [['first', 'second', 'third']]);
  const path = directory.at('log', nameOf(1));
  const begin = HEADER_BYTES + recordBytes('first');
  const whole = await readFile(path);
  for (let at = begin; at < begin + recordBytes('second'); at += 1) {
    await flip(path, at);
    const damaged = await readFile(path);
    await expect(openLog({ directory: directory.at('log') })).rejects.toMatchObject({
      code: 'log-corrupt',
      message: expect.stringMatching(
        new RegExp(`${nameOf(1)} is damaged at offset ${begin} \\(sequence 2\\)`),
      ),
    });
    await expect(contentsOf(directory.at('log'))).rejects.toMatchObject({ code: 'log-corrupt' });
    expect(await readFile(path)).toEqual(damaged);
    await writeFile(path, whole);
  }
  expect(await contentsOf(directory.at('log'))).toHaveLength(3);
});

test('after a clean close the last record is known to have been acknowledged', async () => {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.path, [['first', 'last']]);
  await flip(directory.at(nameOf(1)), HEADER_BYTES + recordBytes('first') + 17);
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject({
    code: 'log-corrupt',
  });
});

test.each([
  ['its last byte', async (path: string) => flip(path, (await readFile(path)).length - 1)],
  ['its header', (path: string) => flip(path, 9)],
  ['its end', async (path: string) => truncate(path, (await readFile(path)).length - 1)],
  ['all of it', (path: string) => truncate(path, 0)],
])('a sealed segment damaged at %s is refused', async (_, damage) => {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.path, [['one'], ['two'], ['three']]);
  await damage(directory.at(nameOf(2)));
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject({
    code: 'log-corrupt',
    message: expect.stringContaining(nameOf(2)),
  });
});

test('a damaged header before records is damage, also in the highest segment', async () => {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.path, [['one'], ['two']]);
  await flip(directory.at(nameOf(2)), 20);
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject({
    code: 'log-corrupt',
  });
});

test('a segment that ends early at a record, or has a wrong name, is detected', async () => {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.path, [['one', 'two'], ['three']]);
  const path = directory.at(nameOf(1));
  const whole = await readFile(path);
  await truncate(path, HEADER_BYTES + recordBytes('one'));
  const refused = { code: 'log-corrupt' };
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject(refused);
  await expect(contentsOf(directory.path)).rejects.toMatchObject(refused);
  await writeFile(path, whole);
  await cp(directory.at(nameOf(2)), directory.at(nameOf(3)));
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject(refused);
});

test('a segment of a newer version is refused as such', async () => {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.path, [['one']]);
  const { crc32c } = await import('@node-rs/crc32');
  const bytes = await readFile(directory.at(nameOf(1)));
  bytes.writeUInt32LE(2, 4);
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, 28)), 28);
  await writeFile(directory.at(nameOf(1)), bytes);
  await expect(openLog({ directory: directory.path })).rejects.toMatchObject({
    code: 'archive-format-unknown',
  });
});

test('a payload that contains another log is not taken for records of this one', async () => {
  const directory = await temporaryDirectory('log');
  await writeLog(directory.at('other'), [['one', 'two', 'three', 'four']]);
  const other = await readFile(directory.at('other', nameOf(1)));
  const log = await openLog({ directory: directory.at('log') });
  await log.append(other);
  await log.close();
  await truncate(directory.at('log', nameOf(1)), HEADER_BYTES + 16 + other.length - 1);
  const again = await openedLog(directory.at('log'));
  expect(again.tornTail).toMatchObject({ offset: HEADER_BYTES });
});
