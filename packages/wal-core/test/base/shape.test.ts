import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  boolean,
  either,
  fields,
  integer,
  integerFrom,
  list,
  matching,
  nonEmptyString,
  nullable,
  number,
  oneOf,
  optional,
  string,
  time,
  tuple,
  uuid,
  valueOf,
  where,
  type Of,
  type Shape,
} from '@walq/wal-core/shape';

function problemsOf(shape: Shape<unknown>, value: unknown): string[] {
  const problems: string[] = [];
  const fits = shape(value, '', problems);
  expect(fits).toBe(problems.length === 0);
  return problems;
}

const even = where(integer, 'an even number', (value) => value % 2 === 0);
const point = fields({ x: number, label: optional(string) });

describe('a shape', () => {
  it.each<[string, Shape<unknown>, unknown[], unknown[]]>([
    ['string', string, ['', 'a'], [1, null, undefined, [], {}]],
    ['nonEmptyString', nonEmptyString, ['a'], ['', 1]],
    ['number', number, [0, -1.5], ['1', Number.NaN, JSON.parse('1e999'), null]],
    ['integer', integer, [0, -3, 2 ** 53 - 1], [0.5, 2 ** 53, '3', undefined]],
    ['integerFrom', integerFrom(1), [1, 9], [0, -1, 1.5, '1']],
    ['boolean', boolean, [true, false], [0, 'true', null]],
    ['oneOf', oneOf('a', 10, null), ['a', 10, null], ['b', '10', undefined]],
    ['matching', matching(/^\d+$/, 'digits'), ['0'], ['', '1a', 1]],
    ['where', even, [0, 2], [1, 0.5, '2']],
    ['optional', optional(string), [undefined, 'a'], [null, 1]],
    ['nullable', nullable(string), [null, 'a'], [undefined, 1]],
    ['list', list(integer), [[], [1, 2]], [[1, 'a'], {}, 'a', { length: 0 }]],
    ['tuple', tuple(string, integer), [['a', 1]], [['a'], ['a', 1, 2], [1, 'a'], {}]],
    ['either', either(oneOf('a'), integer), ['a', 1], ['b', 1.5]],
    [
      'uuid',
      uuid,
      ['4b0c6a3e-7d56-4a1c-8a3e-0c9a6b1f2d3e', '4B0C6A3E-7D56-4A1C-8A3E-0C9A6B1F2D3E'],
      ['', '4b0c6a3e7d564a1c8a3e0c9a6b1f2d3e', '{4b0c6a3e-7d56-4a1c-8a3e-0c9a6b1f2d3e}'],
    ],
    [
      'time',
      time,
      ['2026-02-28T23:59:59Z', '2026-02-28T23:59:59.123Z', '2024-02-29T00:00Z'],
      ['2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01'],
    ],
    ['time with an offset', time, [], ['2026-01-01T00:00:00+01:00', '2026-01-01T00:00:00', 0]],
    [
      'fields',
      point,
      [{ x: 1 }, { x: 1, label: 'a' }, { x: 1, other: true }],
      [{}, { x: '1' }, { x: 1, label: null }, [], null, 'x'],
    ],
  ])('%s accepts what fits, and only that', (_, shape, fitting, others) => {
    for (const value of fitting) expect(problemsOf(shape, value)).toEqual([]);
    for (const value of others) expect(problemsOf(shape, value)).not.toEqual([]);
  });

  it('says what was expected, and where', () => {
    const record = fields({ at: time, sizes: list(integerFrom(0)), of: fields({ name: string }) });
    expect(problemsOf(record, { at: 'now', sizes: [1, -1], of: {} })).toEqual([
      'at: expected a time such as 2026-01-31T12:00:00Z',
      'sizes[1]: expected 0 or more',
      'of.name: expected a string',
    ]);
    expect(problemsOf(record, [])).toEqual(['expected an object']);
  });

  it('takes no field from the prototype of an object', () => {
    expect(problemsOf(fields({ toString: optional(string) }), {})).toEqual([]);
    expect(problemsOf(fields({ constructor: fields({}) }), {})).not.toEqual([]);
  });

  it('keeps unknown fields, and gives undefined for what does not fit', () => {
    expect(valueOf(point, { x: 1, other: true })).toEqual({ x: 1, other: true });
    expect(valueOf(point, { x: '1' })).toBeUndefined();
  });

  it('has the type of its values', () => {
    expectTypeOf<Of<typeof point>>().toEqualTypeOf<
      { readonly x: number } & { readonly label?: string | undefined }
    >();
    const pair = tuple(string, nullable(integer));
    expectTypeOf<Of<typeof pair>>().toEqualTypeOf<[string, number | null]>();
    const kind = oneOf('a', 'b');
    expectTypeOf<Of<typeof kind>>().toEqualTypeOf<'a' | 'b'>();
  });
});
