import { describe, expect, expectTypeOf, it } from 'vitest';
import { parseManifest, type Manifest } from '@walq/wal-core/internal';

const manifest = {
  version: 1,
  source: 'orders',
  sourceId: '4b0c6a3e-7d56-4a1c-8a3e-0c9a6b1f2d3e',
  segment: 'wal-0000000007.log',
  bytes: 4096,
  sourceChecksum: { algorithm: 'xxh3-64', value: '0123456789abcdef' },
  level: -3,
  dictionary: null,
  format: 'log',
  firstPosition: '1',
  lastPosition: null,
  sealedAt: '2026-02-28T23:59:59Z',
  startedAt: '2024-02-29T00:00:00.123456Z',
  archivedAt: '2026-12-31T00:00:00.5Z',
  worker: 'host:1',
};

const parse = (changes: object) => parseManifest('it', JSON.stringify({ ...manifest, ...changes }));

describe('a manifest', () => {
  it('is what was written, with the fields of later versions', () => {
    const extended = {
      ...manifest,
      later: [1],
      sourceChecksum: { ...manifest.sourceChecksum, bits: 64 },
    };
    expect(parse(extended)).toEqual(extended);
    expectTypeOf<Manifest['format']>().toEqualTypeOf<'raw' | 'log' | 'postgres'>();
    expectTypeOf<Manifest['lastPosition']>().toEqualTypeOf<string | null>();
  });

  it.each([
    '4B0C6A3E-7D56-1A1C-BA3E-0C9A6B1F2D3E',
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
  ])('may be of source %s', (sourceId) => {
    expect(parse({ sourceId }).sourceId).toBe(sourceId);
  });

  it.each([
    ['sourceId', ['', '4b0c6a3e7d564a1c8a3e0c9a6b1f2d3e', '4b0c6a3e-7d56-9a1c-8a3e-0c9a6b1f2d3e']],
    ['sourceId', ['4b0c6a3e-7d56-4a1c-7a3e-0c9a6b1f2d3e', ` ${manifest.sourceId}`, 7]],
    ['segment', [null, 7, ['a']]],
    ['bytes', [-1, 0.5, 2 ** 53, '1', null]],
    ['level', [0.5, -(2 ** 53), '1']],
    ['dictionary', [7, {}]],
    ['format', ['wal', '']],
    ['sealedAt', ['2026-02-30T00:00:00Z', '2026-02-29T00:00:00Z', '2026-13-01T00:00:00Z']],
    ['sealedAt', ['2026-01-01T24:00:00Z', '2026-01-01T00:00:60Z', '2026-01-01T00:00Z']],
    ['sealedAt', ['2026-01-01T00:00:00+01:00', '2026-01-01 00:00:00Z', '2026-01-01', 0]],
    ['sourceChecksum', [null, [], 'a']],
    ['sourceChecksum.algorithm', [{ value: 'a' }, { algorithm: 'crc', value: 'a' }]],
    ['sourceChecksum.value', [{ algorithm: 'xxh3-64' }, { algorithm: 'xxh3-64', value: 1 }]],
  ])('with another %s is damaged, and the message names the field', (path, values) => {
    for (const value of values) {
      expect(() => parse({ [path.split('.', 1)[0] ?? '']: value })).toThrow(
        `the manifest of it is damaged: ${path}`,
      );
    }
  });

  it('says what was expected of each field, and not what was found', () => {
    expect(() => parse({ bytes: -1, segment: 7, worker: undefined })).toThrow(
      'damaged: segment: expected string; bytes: expected >=0; worker: missing',
    );
  });

  it.each(['1e999', '-1e999'])('cannot have %s bytes', (bytes) => {
    const text = JSON.stringify(manifest).replace('"bytes":4096', `"bytes":${bytes}`);
    expect(() => parseManifest('it', text)).toThrow('bytes: expected an integer');
  });

  it.each(['[]', 'null', '"a"', '7'])('is not %s', (text) => {
    expect(() => parseManifest('it', text)).toThrow('damaged: expected an object');
  });

  it('of a later version is unknown, not damaged', () => {
    expect(() => parse({ version: 2 })).toThrow(
      expect.objectContaining({ code: 'archive-format-unknown' }),
    );
  });
});
