import { expect, it } from 'vitest';
import { showBytes, showDuration } from '../dist/terminal/human.js';
import { printable, printableJson } from '@walq/wal-core/printable';
import { fitting } from '../dist/terminal/screen.js';
import { bytesColumn, tableLines } from '../dist/terminal/table.js';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [16_777_216, '16.8 MB'],
  [1_073_741_824, '1.07 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(showBytes(bytes)).toBe(text);
});

it.each([
  [850, '850 ms'],
  [12_340, '12.3 s'],
  [245_000, '4 min 5 s'],
  [3 * 3_600_000, '3 h'],
  [52 * 3_600_000, '2 d 4 h'],
])('%d ms are %s', (ms, text) => {
  expect(showDuration(ms)).toBe(text);
});

it('shows control characters of a name as codes', () => {
  expect(printable('wal\n1\u001b[31m\u202e')).toBe('wal\\x0a1\\x1b[31m\\u202e');
});

it.each([
  ['C1', '\u009b31m', '\\x9b31m'],
  ['DEL', 'a\u007f', 'a\\x7f'],
  ['a mark of direction', 'a\u200f\u061c', 'a\\u200f\\u061c'],
  ['a tag', '\u{e0041}', '\\udb40\\udc41'],
  ['half a character', '\ud800', '\\ud800'],
  ['letters of any script', 'жук 表 é 🙂', 'жук 表 é 🙂'],
])('of what does something to a terminal, shows %s as codes', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
  expect(JSON.parse(printableJson(JSON.stringify(text)))).toBe(text);
});

it('cuts off the end of a value that is too long for anybody', () => {
  expect(printable('x'.repeat(1_000_000))).toHaveLength(4_097);
});

it('writes sizes of a column in one unit', () => {
  const bytes = [40, 16_777_216];
  const rows = bytes.map((one) => [one]);
  expect(tableLines([bytesColumn('SIZE', bytes)], rows)).toEqual(['   SIZE', ' 0.0 MB', '16.8 MB']);
});

it('aligns a table', () => {
  const columns = [{ heading: 'NAME' }, { heading: 'BYTES', align: 'right' }] as const;
  expect(
    tableLines(columns, [
      ['a', '1'],
      ['long-name', '100 MB'],
    ]),
  ).toEqual(['NAME        BYTES', 'a               1', 'long-name  100 MB']);
});

it('aligns a table by what a terminal shows, also where a character takes two columns or none', () => {
  const rows = [
    ['表', '1'],
    ['e\u0301', '22'],
  ];
  expect(tableLines([{ heading: 'NAME' }, { heading: 'N', align: 'right' }], rows)).toEqual([
    'NAME   N',
    '表     1',
    'e\u0301     22',
  ]);
});

it('shows of a screen what fits, where a long line takes several rows', () => {
  const lines = ['a', 'b'.repeat(25), 'c', 'd'];
  expect(fitting(lines, 6, 10)).toEqual(lines);
  expect(fitting(lines, 5, 10)).toEqual(['a', 'b'.repeat(25), '… 2 more lines']);
  expect(fitting(lines, 3, 10)).toEqual(['a', '… 3 more lines']);
});
