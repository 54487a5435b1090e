import type { DictionaryEvent } from './dictionaries.ts';

/** What a log says of a source's dictionary: fields and a message. */
export function describeDictionary(event: DictionaryEvent): [fields: object, message: string] {
  const { source } = event;
  if (event.kind === 'dictionary-used') {
    const { dictionary } = event;
    const what = dictionary === null ? 'no dictionary is used any more' : 'dictionary in use';
    return [{ source, dictionary }, what];
  }
  const { code, message, hint } = event.failure;
  return [{ source, code, hint }, `archiving without a dictionary: ${message}`];
}
