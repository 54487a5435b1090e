import { join } from 'node:path';
import { readSmallBytes } from '../../base/disk/read-small-file.ts';
import { storeFailure } from '../../base/failure/system-error.ts';
import { DICTIONARIES_FOLDER } from '../dictionary-name.ts';
import { dictionaryStore } from '../dictionary-store.ts';
import type { DictionaryStore } from '../store.ts';
import { createFile } from './create-file.ts';
import { namesInIfThere } from './list.ts';
import { isSourceThere } from './mounted.ts';
import { recordsDirectory, type Place } from './place.ts';

export function directoryDictionaries(place: Place): DictionaryStore {
  const folderOf = (source: string): string =>
    join(recordsDirectory(place, source), DICTIONARIES_FOLDER);
  const pathOf = (source: string, fileName: string): string => join(folderOf(source), fileName);
  return dictionaryStore({
    show: (source, fileName) => `'${pathOf(source, fileName)}'`,
    create: async (source, fileName, bytes) =>
      createFile(place, source, pathOf(source, fileName), bytes),
    read: async (source, fileName, bytesMax) => {
      const bytes = await readFile(place, pathOf(source, fileName), bytesMax);
      if (bytes === undefined) await isSourceThere(place, source);
      return bytes;
    },
    list: async (source) =>
      (await isSourceThere(place, source)) ? namesInIfThere(place, folderOf(source)) : [],
  });
}

const readFile = ({ disk }: Place, path: string, bytesMax: number): Promise<Buffer | undefined> =>
  readSmallBytes(disk, path, bytesMax).catch((error: unknown) => {
    throw storeFailure(`read the dictionary '${path}'`, error);
  });
