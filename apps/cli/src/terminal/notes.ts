/** What a command says besides its result: it is worth knowing, and fails nothing. */
import {
  describeLevel,
  type LevelEvent,
  describeDictionary,
  type DictionaryEvent,
  reasonOf,
  type ManifestIndex,
} from '@walq/wal-core/internal';
import { warn } from './print.ts';

/** A level that could not be measured: nothing failed, but somebody will wonder why it is not another one. */
export function noteUnmeasured(event: LevelEvent): void {
  if (event.kind === 'level-chosen') return;
  const [, message] = describeLevel(event);
  warn(`walq: ${event.source}: ${message} (${event.failure.code})`);
}

/** Says that segments go without a dictionary that they were to have; which one is used stands in the objects. */
export function noteUnused(event: DictionaryEvent): void {
  if (event.kind === 'dictionary-used') return;
  const [, message] = describeDictionary(event);
  warn(`walq: ${event.source}: ${message} (${event.failure.code})`);
  warn(`  ${event.failure.hint}`);
}

/** A cache that cannot be written fails no command: the next one reads the manifests again. */
export async function saveIndex(index: ManifestIndex): Promise<void> {
  await index.save().catch((error: unknown) => {
    warn(
      `walq: unable to save the cache of manifests, the next command reads them again: ${reasonOf(error)}`,
    );
  });
}
