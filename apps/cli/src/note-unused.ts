import { describeDictionary, type DictionaryEvent } from '@walq/wal-core/internal';
import { note } from './terminal/print.ts';

/** Says that segments go without a dictionary that they were to have; which one is used stands in the objects. */
export function noteUnused(event: DictionaryEvent): void {
  if (event.kind === 'dictionary-used') return;
  const [, message] = describeDictionary(event);
  note(`walq: ${event.source}: ${message} (${event.failure.code})`);
  note(`  ${event.failure.hint}`);
}
