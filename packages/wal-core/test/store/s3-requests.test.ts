import { publishOne } from '@walq/wal-core/internal';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { newBucket, type Bucket } from './s3-stand-in.ts';

const KEY = { source: 'orders', shard: '00000000', segment: 'wal-1.bin' };

async function publish({ store }: Bucket, text: string) {
  const staging = await store.stage(KEY);
  await writeFile(staging.path, text);
  return publishOne(store, staging);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const writes: readonly [string, string, (bucket: Bucket, first: boolean) => Promise<string>][] = [
  [
    'an object',
    'p/orders/00000000/wal-1.bin.zst',
    (bucket, first) => publish(bucket, first ? 'first' : 'other'),
  ],
  [
    'a record',
    'p/orders/_walq/floors/a.json',
    ({ store }, first) => store.records.create('orders', 'floors/a', first ? 'first' : 'other'),
  ],
  [
    'a dictionary',
    `p/orders/_walq/dictionaries/${sha256('first')}.dict`,
    ({ store }) => store.dictionaries.create('orders', sha256('first'), Buffer.from('first')),
  ],
];

it.each(writes)(
  'never replaces %s: the server is asked to refuse a taken key',
  async (_what, key, write) => {
    const bucket = await newBucket();
    expect(await write(bucket, true)).not.toBe('exists');
    expect(await write(bucket, false)).toBe('exists');
    expect(bucket.objects.get(key)?.toString()).toBe('first');
    for (const put of bucket.puts) {
      expect(put).toMatchObject({ key, ifNoneMatch: '*', isMd5Right: true });
    }
    expect(bucket.puts.length).toBeGreaterThan(0);
  },
);

it('sends no write without the condition, the probe included', async () => {
  const bucket = await newBucket();
  await bucket.store.probe();
  await bucket.store.prepare();
  expect(bucket.puts.length).toBeGreaterThan(1);
  for (const { ifNoneMatch } of bucket.puts) expect(ifNoneMatch).toBe('*');
});
