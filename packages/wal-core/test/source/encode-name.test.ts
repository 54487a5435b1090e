import {
  archiveKeyOf,
  decodeName,
  encodeName,
  keyPath,
  segmentOfFileName,
} from '@walq/wal-core/internal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const FILE_NAME_BYTES_MAX = 255;

/** Names that a filesystem can hold: any well-formed text, also nasty ones. */
const nastyPart = fc.constantFrom(
  '.',
  '..',
  '%',
  '%2E',
  '/',
  '\\',
  '\0',
  '\n',
  ' ',
  'ü',
  '🎉',
  '.zst',
);
const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc
    .array(fc.oneof(nastyPart, fc.string({ maxLength: 3 })), { minLength: 1, maxLength: 12 })
    .map((parts) => parts.join('') || '.'),
);
const number = fc.bigInt({ min: 0n, max: 1n << 800n });
/** Also numbers of which no directory can be named: 255 hexadecimal digits make one. */
const anyNumber = fc.bigInt({ min: 0n, max: 1n << 1020n });
const key = (segment: string, of: bigint) =>
  keyPath(archiveKeyOf('orders', { name: segment, number: of }));

describe('a segment’s name as a file name', () => {
  it('is restored by decoding', () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(decodeName(encodeName(text))).toBe(text);
      }),
    );
  });

  it('is safe: one part of a path, never hidden, of plain characters', () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(encodeName(text)).toMatch(/^[A-Za-z0-9_%-][A-Za-z0-9_%.-]*$/);
      }),
    );
  });

  it('stays readable where the name is plain', () => {
    const plain = '000000010000000A000000FF.partial_x-1.wal';
    expect(encodeName(plain)).toBe(plain);
    expect(encodeName('..')).toBe('%2E.');
    expect(encodeName('a b%')).toBe('a%20b%25');
  });

  it('is decoded only from the output of encoding', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          name,
          fc.string({
            unit: fc.constantFrom('%', '2', 'E', 'e', 'F', 'f', 'a', 'ü', '.', '0', 'Ā'),
          }),
        ),
        (text) => {
          const decoded = decodeName(text);
          if (decoded !== undefined) expect(encodeName(decoded)).toBe(text);
        },
      ),
    );
    for (const foreign of [
      '%',
      '%4',
      '%zz',
      '%41',
      '%2e',
      '%+1',
      '.x',
      'ü',
      '%FF',
      '%ED%A0%80',
      'ņ',
    ]) {
      expect(decodeName(foreign)).toBeUndefined();
    }
  });
});

describe('an object’s key', () => {
  it('is injective', () => {
    const legible = name.filter((text) => !text.includes('\uFFFD'));
    const pair = fc.tuple(legible, number);
    fc.assert(
      fc.property(pair, pair, ([a, numberA], [b, numberB]) => {
        if (a === b) return;
        expect(key(a, numberA)).not.toBe(key(b, numberB));
        expect(key(a, 7n)).not.toBe(key(b, 7n));
      }),
    );
  });

  it('does not exist for a name with half a surrogate, or with bytes that are not UTF-8', () => {
    for (const broken of ['\uD800', 'a\uDC00b', '\uDC00\uD800', 'a\uFFFDb']) {
      expect(() => key(broken, 1n)).toThrow(
        expect.objectContaining({ code: 'segment-name-refused' }),
      );
    }
  });

  it('fits into the filesystem, or the segment is refused', () => {
    const long = fc.oneof(
      name,
      fc.string({ minLength: 60, maxLength: 300 }),
      fc.string({ unit: 'grapheme', minLength: 20, maxLength: 100 }),
    );
    fc.assert(
      fc.property(long, anyNumber, (text, of) => {
        let path: string | undefined;
        try {
          path = key(text, of);
        } catch (error) {
          expect(error).toMatchObject({ code: 'segment-name-refused', class: 'permanent' });
        }
        for (const part of path?.split('/') ?? []) {
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(FILE_NAME_BYTES_MAX);
        }
        if (path === undefined) return;
        expect(path.split('/')).toHaveLength(3);
        expect(segmentOfFileName(path.split('/').at(-1) ?? '')).toBe(text);
      }),
    );
  });

  it('is refused exactly from 252 bytes on, and for the empty name', () => {
    expect(key('x'.repeat(251), 1n)).toHaveLength('orders/00000000/'.length + 255);
    const refused = expect.objectContaining({ code: 'segment-name-refused' });
    expect(() => key('x'.repeat(252), 1n)).toThrow(refused);
    expect(() => key('ü'.repeat(42), 1n)).toThrow(refused);
    expect(() => key('', 1n)).toThrow(refused);
    expect(() => key('x', 10n ** 260n)).toThrow(refused);
    expect(segmentOfFileName('.zst')).toBeUndefined();
  });

  it('puts ten thousand consecutive numbers into one shard, and orders shards as numbers', () => {
    const shard = (of: bigint) => archiveKeyOf('orders', { name: 'x', number: of }).shard;
    expect(shard(0n)).toBe('00000000');
    expect(shard(9_999n)).toBe('00000000');
    expect(shard(10_000n)).toBe('00000001');
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [low, high] = a < b ? [shard(a), shard(b)] : [shard(b), shard(a)];
        expect(low.length < high.length || low <= high).toBe(true);
      }),
    );
  });
});
