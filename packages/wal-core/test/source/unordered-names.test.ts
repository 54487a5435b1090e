/** Directories whose names have numbers that put nothing in order, and the patterns that are proposed for others. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@walq/test-support';
import {
  compareSegments,
  compilePattern,
  isWalqError,
  nodeDisk,
  patternNaming,
  recogniseNaming,
} from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';

async function recognised(names: readonly string[]) {
  const { path } = await temporaryDirectory('names');
  for (const name of names) await writeFile(join(path, name), 'x');
  return recogniseNaming(nodeDisk, { name: 'orders', directory: path });
}

describe('names without an order are refused, with a hint', () => {
  it.each<[string, readonly string[], string, string]>([
    [
      'a rotated log',
      ['app.log', 'app.log.1', 'app.log.2', 'app.log.10'],
      'next to app.log suggests a rotated log',
      "'^app\\.log\\.(?<number>\\d+)$'",
    ],
    [
      'a rotated log that is compressed',
      ['app.log', 'app.log.2.gz', 'app.log.3.gz'],
      'next to app.log suggests a rotated log',
      'a date such as 20261130',
    ],
    ...[
      ['2026-11-30.log', '2026-12-01.log'],
      ['30-11-2026.log', '01-12-2026.log'],
      ['wal_2026_11_30'],
    ].map((names): [string, readonly string[], string, string] => [
      `dates such as ${names[0]}`,
      names,
      'is a date of several numbers',
      'by one number that grows',
    ]),
    [
      'hashes',
      ['3f786850e387550fdab836ed7e6dc881de23001b', '89e6c98d92887913cadf06b2adb97f26cde4849b'],
      'appears to be a hash',
      'by one number that grows',
    ],
    [
      'hexadecimal numbers without a digit',
      ['8.log', '9.log', 'a.log', 'LOCK'],
      'a.log may be a hexadecimal number',
      "'^(?<number>[0-9a-f]+)\\.log$' (number_base = 16)",
    ],
    ['short hashes', ['9f86d081.seg', 'e3b0c442.seg'], 'appears to be a hash', 'one number'],
  ])('%s', async (_, names, message, hint) => {
    await expect(recognised(names)).rejects.toMatchObject({
      code: 'segment-names-unclear',
      class: 'refused',
      message: expect.stringContaining(message) as string,
      hint: expect.stringContaining(hint) as string,
    });
  });

  it.each<[readonly string[], readonly string[]]>([
    [
      ['wal-0a', 'wal-0B', 'wal-1c'],
      ['wal-0a', 'wal-0B', 'wal-1c'],
    ],
    [
      ['wal-1.bin', 'wal-2.bin', 'notes-7.txt'],
      ['wal-1.bin', 'wal-2.bin'],
    ],
    [
      ['a.000001', 'a.000002', 'a.index', 'b.000001', 'b.index'],
      ['a.000001', 'a.000002'],
    ],
  ])('and the first pattern of the hint takes the segments of %j', async (names, segments) => {
    const error: unknown = await recognised(names).catch((thrown: unknown) => thrown);
    if (!isWalqError(error)) throw error;
    const [, pattern = '', hexadecimal] =
      /'(\^.*?\$)'( \(number_base = 16\))?/.exec(error.hint) ?? [];
    const naming = patternNaming(compilePattern(pattern), hexadecimal === undefined ? 10 : 16);
    const taken = names.flatMap((name) => naming.parse(name) ?? []).toSorted(compareSegments);
    expect(taken.map(({ name }) => name)).toEqual(segments);
  });
});
