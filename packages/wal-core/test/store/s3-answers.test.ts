import type { RequestListener } from 'node:http';
import type { ArchiveStore } from '@walq/wal-core/internal';
import { describe, expect, it, vi } from 'vitest';
import { storeThat } from './s3-stand-in.ts';

const KEY = { source: 'orders', shard: '00000000', segment: 'wal-1.bin' };

const page = (...content: readonly string[]): RequestListener => {
  const text = `<?xml version="1.0"?><ListBucketResult>${content.join('')}</ListBucketResult>`;
  return (_, response) => void response.writeHead(200).end(text);
};

const record = '<Contents><Key>p/orders/_walq/floors/a.json</Key></Contents>';
const more = '<IsTruncated>true</IsTruncated>';

describe('a server that lists in a wrong way', () => {
  it.each([
    ['begins again at each page', `${more}<NextContinuationToken>x</NextContinuationToken>`],
    ['reports more pages without a token', `${more}<NextMarker>a</NextMarker>`],
  ])('and %s is refused: part of the records never passes for all', async (_, end) => {
    const store = await storeThat(page(record, end));
    await expect(store.records.list('orders', 'floors')).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('reports further pages'),
      hint: expect.stringContaining('ListObjectsV2'),
    });
  });
});

describe('a server that ignores the requested range', () => {
  it.each<[string, (store: ArchiveStore) => Promise<unknown>]>([
    ['the tail of an object', async (store) => store.readTail(KEY, 100)],
    ['a record', async (store) => store.records.read('orders', 'floors/a')],
    ['a dictionary', async (store) => store.dictionaries.read('orders', 'a'.repeat(64))],
  ])('and sends without end does not fill the memory: %s', async (_, read) => {
    let ended = false;
    const store = await storeThat((_request, response) => {
      const piece = Buffer.alloc(64 * 1024);
      const send = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', send).on('close', () => {
        ended = true;
      });
      send();
    });
    await expect(read(store)).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringMatching(/more than the \d+ bytes requested/),
    });
    await vi.waitFor(() => expect(ended).toBe(true));
  });
});
