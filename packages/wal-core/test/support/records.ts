/** Dictionaries of records. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { recordsText, temporaryDirectory } from '@walq/test-support';
import { sha256Of, type Dictionary } from '@walq/wal-core/internal';

/** A dictionary by zstd's own trainer, of 4 KiB at most. */
export async function aDictionary(family = 'orders'): Promise<Dictionary> {
  const directory = await temporaryDirectory('samples');
  const samples = Array.from({ length: 100 }, (_, index) => directory.at(`sample-${index}`));
  for (const [index, path] of samples.entries()) {
    await writeFile(path, recordsText(1_000 + index, 2_000, family));
  }
  const path = directory.at('dictionary');
  execFileSync('zstd', ['--train', '-q', '--maxdict=4096', '-o', path, '--', ...samples]);
  const bytes = await readFile(path);
  return { sha256: sha256Of(bytes), bytes };
}

export const use = ({ sha256 }: Dictionary) => ({
  sha256,
  at: '2026-01-31T10:00:00.000Z',
  by: 'test:1',
});
