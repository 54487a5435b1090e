import {
  anyNumberedNaming,
  anyNumberPattern,
  compareSegments,
  compilePattern,
  logNaming,
  patternNaming,
} from '@walq/wal-core/internal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

describe('the names of walq’s own log', () => {
  it('and their numbers determine each other, and sort alike', () => {
    fc.assert(
      fc.property(uint64, uint64, (a, b) => {
        const [nameA, nameB] = [logNaming.nameOf?.(a) ?? '', logNaming.nameOf?.(b) ?? ''];
        expect(logNaming.parse(nameA)).toEqual({ name: nameA, number: a });
        expect(nameA < nameB).toBe(a < b);
      }),
    );
  });

  it('are nothing else', () => {
    const good = '00000000000000000007.wal';
    for (const bad of [
      `.${good}`,
      `${good}.tmp`,
      `x${good}`,
      good.slice(1),
      `${good}\n`,
      'x.wal',
    ]) {
      expect(logNaming.parse(bad)).toBeUndefined();
    }
  });
});

describe('naming by a pattern', () => {
  const decimal = patternNaming(compilePattern('^wal-(?<number>\\d+)\\.bin$'), 10);

  it('reads numbers of any size, with leading zeros, in base 10 and 16', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 300n }), fc.nat(5), (number, zeros) => {
        const name = `wal-${'0'.repeat(zeros)}${number}.bin`;
        expect(decimal.parse(name)).toEqual({ name, number });
        const hexadecimal = patternNaming(/^(?<number>[0-9a-fA-F]+)$/, 16);
        expect(hexadecimal.parse(number.toString(16))?.number).toBe(number);
        expect(hexadecimal.parse(number.toString(16).toUpperCase())?.number).toBe(number);
      }),
    );
  });

  it('does not match a name whose number is not in the base', () => {
    const loose = patternNaming(/^x(?<number>.*)$/, 10);
    for (const name of ['x', 'xff', 'x-1', 'x1_0', 'x 1', 'x0x1', 'x१', 'x1.5', 'x1n']) {
      expect(loose.parse(name)).toBeUndefined();
    }
    expect(patternNaming(/^x(?<number>.*)?$/, 16).parse('x')).toBeUndefined();
    expect(patternNaming(/^x(?<number>.*)$/, 16).parse('xfg')).toBeUndefined();
  });

  it('does not match a path that leaves the directory, however loose the pattern', () => {
    const loose = patternNaming(compilePattern('(?<number>\\d+)'), 10);
    for (const name of ['../1', '../other/wal-1.bin', 'below/1', '/1', '1/', '1\0']) {
      expect(loose.parse(name)).toBeUndefined();
      expect(anyNumberedNaming.parse(name)).toBeUndefined();
    }
    expect(loose.parse('..1\n')?.number).toBe(1n);
  });

  it('matches every name, even if the pattern keeps state', () => {
    for (const flags of ['', 'g', 'y', 'gy', 'gu']) {
      const naming = patternNaming(new RegExp('^wal-(?<number>\\d+)$', flags), 10);
      const numbers = [1, 2, 3, 4].map((n) => naming.parse(`wal-${n}`)?.number);
      expect(numbers).toEqual([1n, 2n, 3n, 4n]);
    }
  });

  it.each(['i', 'm', 's'])('refuses the flag %s, which an archive cannot keep', (flag) => {
    const pattern = new RegExp('^wal-(?<number>\\d+)$', flag);
    expect(() => patternNaming(pattern, 10)).toThrow(`$/${flag} has a flag`);
  });

  it.each([
    ['^wal-(\\d+)$', 'must have one group'],
    ['^(?<number>\\d+)-(?<number>\\d+)$', 'must have one group'],
    ['', 'must have one group'],
    ['^(?<number>\\d+', 'is not a regular expression'],
    ['^[(?<number>\\d+)$', 'is not a regular expression'],
  ])('refuses the pattern %j of a configuration', (pattern, why) => {
    expect(() => compilePattern(pattern)).toThrow(
      expect.objectContaining({
        code: 'configuration-invalid',
        message: expect.stringContaining(why),
      }),
    );
  });
});

describe('naming by any number', () => {
  it('takes the last run of digits', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '-', '_', '.', ' ', 'é', '\n') });
    fc.assert(
      fc.property(
        fc.stringMatching(/^([a-z0-9]*[a-z])?$/),
        uint64,
        part,
        (before, number, after) => {
          const name = `${before}${number}${after}`;
          expect(anyNumberedNaming.parse(name)).toEqual({ name, number });
        },
      ),
    );
  });

  it('takes a name of several lines, also when read back from its text', () => {
    const name = 'wal\n 7\n.log';
    expect(anyNumberedNaming.parse(name)?.number).toBe(7n);
    expect(patternNaming(compilePattern(anyNumberPattern.source), 10).parse(name)?.number).toBe(7n);
  });

  it('leaves out hidden files and names without digits', () => {
    for (const name of ['.walq1', '.1', 'none', '']) {
      expect(anyNumberedNaming.parse(name)).toBeUndefined();
    }
  });
});

describe('the order of segments', () => {
  it('is total: by number, then by name', () => {
    const segment = fc.record({
      name: fc.string({ maxLength: 3 }),
      number: fc.bigInt({ min: 0n, max: 3n }),
    });
    fc.assert(
      fc.property(segment, segment, segment, (a, b, c) => {
        expect(compareSegments(a, a)).toBe(0);
        expect(Math.sign(compareSegments(a, b))).toBe(-Math.sign(compareSegments(b, a)) + 0);
        if (compareSegments(a, b) <= 0 && compareSegments(b, c) <= 0) {
          expect(compareSegments(a, c)).toBeLessThanOrEqual(0);
        }
        if (a.number < b.number) expect(compareSegments(a, b)).toBe(-1);
      }),
    );
  });
});
