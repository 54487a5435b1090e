/** A source without a pattern keeps the numbering of its archive, and never skips a file. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namingOf, nodeDisk, openSource, scanSource, type Disk } from '@walq/wal-core/internal';
import { expect, it } from 'vitest';
import { newPlace } from '../support/place.ts';

const hexadecimal = (number: number): string => number.toString(16).padStart(8, '0');

const hasLetter = (name: string): boolean => /[a-f]/.test(name.slice('seg-'.length));

/** Lists the names without a letter first, which a directory may do. */
const decimalFirst: Disk = {
  ...nodeDisk,
  list: async function* (path) {
    const names: string[] = [];
    for await (const some of nodeDisk.list(path)) names.push(...some);
    yield names.toSorted((a, b) => Number(hasLetter(a)) - Number(hasLetter(b)));
  },
};

it('refuses files of a later hexadecimal number where the archive counts in decimal', async () => {
  const { source: at, store } = await newPlace({ segments: {}, flushedUpTo: null });
  const sealedRule = { kind: 'skip-newest', count: 1 } as const;
  const naming = namingOf({ kind: 'by-files' });
  const source = { ...at, naming, sealedRule, afterArchive: 'keep' } as const;
  const write = (number: number) =>
    writeFile(join(at.directory, `seg-${hexadecimal(number)}`), 'x');
  for (let number = 1; number <= 9; number += 1) await write(number);
  const open = () => openSource({ disk: decimalFirst, source, store, registerIfNew: true });
  await open();
  for (let number = 10; number <= 0x110; number += 1) await write(number);
  const opened = open().then(({ source: found }) =>
    scanSource(nodeDisk, found, { lowestMax: 1_000, highestMax: 1 }),
  );
  await expect(opened).rejects.toMatchObject({ code: 'segment-names-unclear' });
});
