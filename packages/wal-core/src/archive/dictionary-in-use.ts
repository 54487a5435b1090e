/**
 * Which dictionary a source's segments are compressed with: records `dictionary/<number>` in the archive. The highest
 * number counts. Records are never changed or removed.
 */
import * as v from 'valibot';
import { time } from '../base/record-fields.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { jsonRecord } from '../base/json-record.ts';
import type { ArchiveStore } from '../store/store.ts';

const FOLDER = 'dictionary';
const DIGITS = 8;

const format = jsonRecord({
  source: v.string(),
  dictionary: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected a SHA-256')),
  at: time,
  by: v.string(),
});

export interface DictionaryInUse {
  readonly sha256: string;
  /** When the record was written, ISO 8601. */
  readonly at: string;
  readonly by: string;
}

/**
 * Records durably that a dictionary is used from now on. The dictionary must be in the archive already. Of two
 * concurrent calls the later one counts.
 */
export async function useDictionary(
  store: ArchiveStore,
  source: string,
  { sha256, at, by }: DictionaryInUse,
): Promise<void> {
  const text = format.text({ source, dictionary: sha256, at, by });
  for (let made = 'exists'; made === 'exists';) {
    const last = (await numbersOf(store, source)).at(-1) ?? '0';
    const next = String(Number(last) + 1).padStart(DIGITS, '0');
    made = await store.records.create(source, `${FOLDER}/${next}`, text);
  }
}

/** Undefined when the source never had one. A damaged record is skipped; a record of a newer walq is refused. */
export async function dictionaryInUse(
  store: ArchiveStore,
  source: string,
): Promise<DictionaryInUse | undefined> {
  for (const number of (await numbersOf(store, source)).toReversed()) {
    const name = `${FOLDER}/${number}`;
    const found = parse(source, name, (await store.records.read(source, name)) ?? '');
    if (found !== undefined) return found;
  }
  return undefined;
}

async function numbersOf(store: ArchiveStore, source: string): Promise<string[]> {
  const names = await store.records.list(source, FOLDER);
  return names.filter((name) => /^\d{8}$/.test(name)).toSorted();
}

function parse(source: string, name: string, text: string): DictionaryInUse | undefined {
  if (format.isNewer(text)) {
    throw new WalqError('archive-format-unknown', {
      message: `a newer walq wrote ${source}/_walq/${name}.json`,
    });
  }
  const record = format.read(text);
  if (record?.source !== source) return undefined;
  return { sha256: record.dictionary, at: record.at, by: record.by };
}
