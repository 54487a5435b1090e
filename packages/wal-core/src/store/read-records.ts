/** The small records of one folder, with their text. */
import type { ArchiveStore } from './store.ts';

const READS_AT_ONCE = 8;

interface NamedRecord {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads all of them, a few at a time, in no order; one that is removed meanwhile is left out. Memory grows
 * with the folder.
 */
export async function readRecords(
  { records }: ArchiveStore,
  source: string,
  folder: string,
): Promise<readonly NamedRecord[]> {
  const waiting = (await records.list(source, folder)).values();
  const found: NamedRecord[] = [];
  const lane = async (): Promise<void> => {
    for (const name of waiting) {
      const text = await records.read(source, `${folder}/${name}`);
      if (text !== undefined) found.push({ name, text });
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, lane));
  return found;
}
