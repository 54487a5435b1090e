export { decodeArchived, decodeWithDictionary, type ArchivedObject } from './decode-archived.ts';
export { describeDictionary } from './describe-dictionary.ts';
export {
  createDictionaries,
  type Dictionaries,
  type DictionariesOptions,
  type DictionaryEvent,
} from './dictionaries.ts';
export type { Dictionary, DictionarySetting } from './dictionary.ts';
export { dictionaryInUse, useDictionary, type DictionaryInUse } from './in-use.ts';
export { readDictionaryFile } from './read-dictionary-file.ts';
export { settleFound } from './settle-found.ts';
export { shelfOf } from './shelf.ts';
