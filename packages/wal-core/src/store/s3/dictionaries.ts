import { DICTIONARIES_FOLDER } from '../dictionary-name.ts';
import { dictionaryStore } from '../dictionary-store.ts';
import type { DictionaryStore } from '../store.ts';
import { namesIn } from './list.ts';
import { recordsPrefix, show, type Bucket } from './place.ts';
import { createSmall, readSmall } from './small-objects.ts';

export function s3Dictionaries(place: Bucket): DictionaryStore {
  const folderOf = (source: string): string =>
    `${recordsPrefix(place, source)}${DICTIONARIES_FOLDER}/`;
  return dictionaryStore({
    show: (source, fileName) => `'${show(place, `${folderOf(source)}${fileName}`)}'`,
    create: async (source, fileName, bytes) =>
      createSmall(place, `${folderOf(source)}${fileName}`, bytes),
    read: async (source, fileName, bytesMax) =>
      readSmall(place, `${folderOf(source)}${fileName}`, bytesMax),
    list: async (source) => namesIn(place, folderOf(source)),
  });
}
