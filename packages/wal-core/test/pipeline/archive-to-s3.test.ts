/** An archive that receives a copy of the staged file: the copy must be proved before the source is deleted. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newBucket, type Bucket } from '../store/s3-stand-in.ts';
import { objectWith, restate } from '../support/bomb.ts';
import { flipByte } from '../support/flip-byte.ts';
import { nameOf, newPlace, textOf, type Place } from '../support/place.ts';

const OBJECT = `p/orders/00000000/${nameOf(1)}.zst`;

interface S3Place {
  readonly bucket: Bucket;
  readonly place: Place;
}

async function newS3Place(): Promise<S3Place> {
  const bucket = await newBucket();
  return { bucket, place: await newPlace({ store: bucket.store }) };
}

/** Segment 1 is in the archive, and its file is at the source again. */
async function archivedPlace(): Promise<S3Place> {
  const { bucket, place } = await newS3Place();
  await place.archive1(1);
  await place.write(1, textOf(1));
  return { bucket, place };
}

function objectOf({ objects }: Bucket): Buffer {
  const object = objects.get(OBJECT);
  if (object === undefined) throw new Error(`${OBJECT} is not in the bucket`);
  return object;
}

const flipped = (object: Buffer): Buffer => {
  const copy = Buffer.from(object);
  copy.writeUInt8(copy.readUInt8(40) ^ 1, 40);
  return copy;
};

const unpacked = (object: Buffer): string =>
  execFileSync('zstd', ['-dcq'], { input: object }).toString();

const countOf = ({ calls }: Bucket, method: string): number =>
  calls.filter((call) => call.method === method && call.key === OBJECT).length;

test.each([
  ['downloaded and decoded', true, 1],
  ['trusted', false, 0],
])('with conservative_mode the copy is %s (%s)', async (_what, conservative, downloads) => {
  const { bucket, place } = await newS3Place();
  expect(await place.archive1(1, { conservative })).toMatchObject({ outcome: 'archived' });
  expect(unpacked(objectOf(bucket))).toBe(textOf(1));
  expect(countOf(bucket, 'GET')).toBe(downloads);
  expect(await place.sourceNames()).toEqual([nameOf(2), nameOf(3)]);
});

test('a copy that the server keeps damaged is found, and the source is kept', async () => {
  const { bucket, place } = await newS3Place();
  const { bucket: other } = await archivedPlace();
  const damaged = flipped(objectOf(other));
  bucket.fault = ({ method, key }) => (method === 'PUT' && key === OBJECT ? damaged : undefined);
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'object-corrupt' });
  expect((await place.read(1)).toString()).toBe(textOf(1));
});

test('a copy with different content, or of another segment, is rejected, and the source is kept', async () => {
  const { bucket: other } = await archivedPlace();
  const whole = objectOf(other);
  const stranger = await newPlace({ segments: { 1: textOf(7), 2: textOf(2) }, flushedUpTo: 1 });
  await stranger.archive1(1);
  for (const kept of [
    objectWith(whole, { segment: nameOf(2) }),
    objectWith(whole, { source: 'ledger' }),
    await readFile(stranger.objectPath(1)),
  ]) {
    const { bucket, place } = await newS3Place();
    bucket.fault = ({ method, key }) => (method === 'PUT' && key === OBJECT ? kept : undefined);
    await expect(place.archive1(1)).rejects.toMatchObject({ code: 'duplicate' });
    expect((await place.read(1)).toString()).toBe(textOf(1));
  }
});

test('a copy that is damaged while it is downloaded is downloaded once more', async () => {
  const { bucket, place } = await newS3Place();
  bucket.fault = ({ method, key }) => {
    if (method !== 'GET' || key !== OBJECT || countOf(bucket, 'GET') > 1) return undefined;
    return flipped(objectOf(bucket));
  };
  expect(await place.archive1(1)).toMatchObject({ outcome: 'archived' });
  expect(countOf(bucket, 'GET')).toBe(2);
  expect(await place.sourceNames()).not.toContain(nameOf(1));
});

test.each([true, false])(
  'an object that was found is decoded in either mode (conservative_mode %s)',
  async (conservative) => {
    const { bucket, place } = await archivedPlace();
    bucket.objects.set(OBJECT, flipped(objectOf(bucket)));
    const work = place.archive1(1, { conservative });
    await expect(work).rejects.toMatchObject({ code: 'object-corrupt', class: 'permanent' });
    expect((await place.read(1)).toString()).toBe(textOf(1));
  },
);

test.each([true, false])(
  'different content under the name is rejected in either mode (conservative_mode %s)',
  async (conservative) => {
    const { bucket, place } = await archivedPlace();
    const before = objectOf(bucket);
    const other = textOf(1).replaceAll('segment', 'SEGMENT');
    await place.write(1, other);
    const work = place.archive1(1, { conservative });
    await expect(work).rejects.toMatchObject({ code: 'duplicate', class: 'permanent' });
    expect(objectOf(bucket)).toEqual(before);
    expect((await place.read(1)).toString()).toBe(other);
  },
);

test.each([
  ['it can be downloaded', 'confirm'],
  ['it is made durable', 'make-durable'],
])('where the object is removed before %s, the source is kept', async (_what, at) => {
  const { bucket, place } = await newS3Place();
  const onStep = (step: string): void => {
    if (step === at) bucket.objects.delete(OBJECT);
  };
  const work = place.archive1(1, { onStep });
  await expect(work).rejects.toMatchObject({ code: 'store-unavailable', class: 'retryable' });
  expect((await place.read(1)).toString()).toBe(textOf(1));
  expect(await place.archive1(1)).toMatchObject({ outcome: 'archived' });
});

/** The upload of segment 1 has failed, and what was compressed of it is kept. */
async function failedUpload(): Promise<S3Place> {
  const { bucket, place } = await newS3Place();
  bucket.fault = ({ method, key }) => (method === 'PUT' && key === OBJECT ? 501 : undefined);
  await expect(place.archive1(1)).rejects.toMatchObject({ class: 'retryable' });
  expect(await place.sourceNames()).toContain(nameOf(1));
  delete bucket.fault;
  return { bucket, place };
}

async function stepsOf(place: Place, conservative: boolean): Promise<string[]> {
  const steps: string[] = [];
  const onStep = (step: string) => void steps.push(step);
  expect(await place.archive1(1, { onStep, conservative })).toMatchObject({ outcome: 'archived' });
  return steps;
}

test('the next attempt publishes what was compressed before an upload failed', async () => {
  const { bucket, place } = await failedUpload();
  expect(await stepsOf(place, true)).not.toContain('compress');
  expect(unpacked(objectOf(bucket))).toBe(textOf(1));
});

test('a file that was written since is compressed again', async () => {
  const { bucket, place } = await failedUpload();
  const other = textOf(1).replaceAll('segment', 'SEGMENT');
  await writeFile(place.pathOf(1), other);
  expect(await stepsOf(place, false)).toContain('compress');
  expect(unpacked(objectOf(bucket))).toBe(other);
});

/** The one file that is kept for the next attempt. */
async function keptFile({ stagingDirectory }: Bucket): Promise<string> {
  const names = await readdir(stagingDirectory, { recursive: true });
  const kept = names.filter((name) => name.endsWith('.kept'));
  expect(kept).toHaveLength(1);
  return join(stagingDirectory, kept[0] ?? '');
}

type Change = (path: string, place: Place) => Promise<void>;

const changes: readonly (readonly [string, Change])[] = [
  ['is damaged', (path) => flipByte(path, 40)],
  ['was cut short', async (path) => writeFile(path, (await readFile(path)).subarray(0, 60))],
  ['names another segment', (path) => restate(path, { segment: nameOf(2) })],
  ['names another source', (path) => restate(path, { source: 'ledger' })],
  ['is of another directory of this name', (path) => restate(path, { sourceId: randomUUID() })],
  [
    'holds less than the file has',
    async (path, place) => {
      const { sourceId } = await place.open();
      const segments = { 1: textOf(1).slice(0, 9), 2: textOf(2) };
      const shorter = await newPlace({ segments, flushedUpTo: 1 });
      await shorter.archive1(1);
      await copyFile(shorter.objectPath(1), path);
      await restate(path, { sourceId });
    },
  ],
];

test.each(changes)('a kept file that %s is not published', async (_what, change) => {
  const { bucket, place } = await failedUpload();
  await change(await keptFile(bucket), place);
  expect(await stepsOf(place, false)).toContain('compress');
  expect(unpacked(objectOf(bucket))).toBe(textOf(1));
});
