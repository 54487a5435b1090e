import { readSmallBytes } from '../../base/disk/read-small-file.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { reasonOf } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { DICTIONARY_BYTES_MAX, sha256Of } from '../../store/dictionary-name.ts';
import type { Dictionary } from '../../codec/dictionary.ts';

/** A dictionary from a file outside of the archive. @throws WalqError `dictionary-unusable` */
export async function readDictionaryFile(disk: Disk, path: string): Promise<Dictionary> {
  const bytes = await readSmallBytes(disk, path, DICTIONARY_BYTES_MAX + 1).catch(
    (cause: unknown) => {
      throw unusable(path, reasonOf(cause), cause);
    },
  );
  if (bytes === undefined) throw unusable(path, 'it is not there');
  if (bytes.length === 0) throw unusable(path, 'it is empty');
  if (bytes.length > DICTIONARY_BYTES_MAX) {
    throw unusable(path, `it is longer than ${DICTIONARY_BYTES_MAX} bytes`);
  }
  return { sha256: sha256Of(bytes), bytes };
}

const unusable = (path: string, why: string, cause?: unknown): WalqError =>
  new WalqError('dictionary-unusable', {
    message: `unable to use the dictionary ${path}: ${why}`,
    cause,
  });
