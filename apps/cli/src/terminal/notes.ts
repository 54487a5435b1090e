/** Notes of a command in addition to its result; none of them is a failure. */
import {
  describeLevel,
  type LevelEvent,
  describeDictionary,
  type DictionaryEvent,
  reasonOf,
  type ManifestIndex,
} from '@walq/wal-core/internal';
import { warn } from './print.ts';

/** Notes that a compression level could not be measured, which explains why another one is used. */
export function noteUnmeasured(event: LevelEvent): void {
  if (event.kind === 'level-chosen') return;
  const [, message] = describeLevel(event);
  warn(`walq: ${event.source}: ${message} (${event.failure.code})`);
}

/** Notes that segments are compressed without their dictionary. */
export function noteUnused(event: DictionaryEvent): void {
  if (event.kind === 'dictionary-used') return;
  const [, message] = describeDictionary(event);
  warn(`walq: ${event.source}: ${message} (${event.failure.code})`);
  warn(`  ${event.failure.hint}`);
}

/** Never fails: without the cache the next command reads the manifests again. */
export async function saveIndex(index: ManifestIndex): Promise<void> {
  await index.save().catch((error: unknown) => {
    warn(
      `walq: unable to save the cache of manifests, the next command reads them again: ${reasonOf(error)}`,
    );
  });
}
