import { expect, test } from 'vitest';
import { ReplySize } from '@walq/archive-queue/testing';

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;

/** Answers that come one after another, and that are all within a hundred bytes. */
const SMALL = [
  '+OK\r\n',
  ':1\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '_\r\n',
  ',1.5\r\n',
  '-ERR no such key\r\n',
  bulk(''),
  bulk('x'.repeat(80)),
  bulk('*9999999\r\n$9999999\r\n'),
  `*3\r\n*2\r\n:1\r\n${bulk('*5\r\n')}*0\r\n+a\r\n`,
  `%2\r\n+a\r\n:1\r\n+b\r\n~2\r\n:1\r\n:2\r\n`,
  `|1\r\n+ttl\r\n:3\r\n${bulk('value')}`,
  `>2\r\n+message\r\n=7\r\ntxt:abc\r\n`,
];

const LARGE = [
  ['one long value', bulk('x'.repeat(101))],
  ['a length that is only announced', '$536870912\r\n'],
  ['a number of values that is only announced', '*1000000\r\n'],
  ['many pairs', '%60\r\n'],
  ['many small values', `*30\r\n${'+abc\r\n'.repeat(30)}`],
  [
    'values within values',
    `*2\r\n*2\r\n${bulk('x'.repeat(40))}${bulk('x'.repeat(40))}${bulk('x')}`,
  ],
  ['a line without an end', `+${'x'.repeat(101)}`],
  ['an error', `-${'x'.repeat(101)}\r\n`],
] as const;

const pieces = (text: string, bytes: number): Buffer[] =>
  Array.from({ length: Math.ceil(text.length / bytes) }, (_, n) =>
    Buffer.from(text.slice(n * bytes, (n + 1) * bytes), 'latin1'),
  );

for (const bytes of [1, 2, 7, 1_000_000]) {
  test(`many small replies in pieces of ${bytes} bytes are measured separately and are not too large`, () => {
    const size = new ReplySize(100);
    const text = SMALL.join('').repeat(50);
    expect(pieces(text, bytes).every((piece) => size.take(piece))).toBe(true);
  });

  test.each(LARGE)(`is too large, in pieces of ${bytes} bytes: %s`, (_, answer) => {
    const size = new ReplySize(100);
    const all = pieces(`${SMALL.join('')}${answer}`, bytes);
    expect(all.every((piece) => size.take(piece))).toBe(false);
  });
}
