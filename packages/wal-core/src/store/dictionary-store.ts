/** What every store holds dictionaries to, whatever its files are made of. */
import {
  DICTIONARY_BYTES_MAX,
  DICTIONARY_SUFFIX,
  dictionaryOfFileName,
  refuseDictionaryName,
  refuseOtherDictionary,
  refuseUnfitDictionary,
} from './dictionary-name.ts';
import type { DictionaryStore } from './store.ts';

/** The files of `<source>/_walq/dictionaries/`, as a store keeps them. */
export interface DictionaryFiles {
  /** Never replaces; durable either way. */
  create(source: string, fileName: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  /** At most so many bytes are read; undefined when there is none. */
  read(source: string, fileName: string, bytesMax: number): Promise<Uint8Array | undefined>;
  list(source: string): Promise<readonly string[]>;
  /** Names a file in messages. */
  show(source: string, fileName: string): string;
}

export function dictionaryStore(files: DictionaryFiles): DictionaryStore {
  const fileNameOf = (sha256: string): string => {
    refuseDictionaryName(sha256);
    return `${sha256}${DICTIONARY_SUFFIX}`;
  };
  const read = async (source: string, sha256: string): Promise<Uint8Array | undefined> => {
    const fileName = fileNameOf(sha256);
    // One byte more than any has, so that a longer one has another SHA-256 than its beginning.
    const bytes = await files.read(source, fileName, DICTIONARY_BYTES_MAX + 1);
    if (bytes !== undefined) refuseOtherDictionary(files.show(source, fileName), sha256, bytes);
    return bytes;
  };
  return {
    read,
    create: async (source, sha256, bytes) => {
      const fileName = fileNameOf(sha256);
      refuseUnfitDictionary(sha256, bytes);
      const created = await files.create(source, fileName, bytes);
      if (created === 'exists') await read(source, sha256);
      return created;
    },
    list: async (source) => {
      const names = await files.list(source);
      return names.flatMap((name) => dictionaryOfFileName(name) ?? []).toSorted();
    },
  };
}
