/**
 * Records the file at which PostgreSQL's archiver is stuck. A push that failed writes its file, its reason and the
 * time next to the data directory, for `walq status`. PostgreSQL asks for the same file until it is archived, and for
 * no later one, so one record is enough. A record whose file is no longer ready is ignored.
 */
import { join } from 'node:path';
import * as v from 'valibot';
import { integerFrom, time } from '../base/record-fields.ts';
import type { Disk } from '../base/disk/disk.ts';
import { readSmallFile } from '../base/disk/read-small-file.ts';
import { writeFileDurably } from '../base/disk/write-file-durably.ts';
import { isMissing, sourceFailure } from '../base/failure/system-error.ts';
import type { WalqError } from '../base/failure/walq-error.ts';
import { jsonRecord } from '../base/json-record.ts';
import { isReady } from './ready-file.ts';
import { walqDirectory, type Source } from './source.ts';

const format = jsonRecord({
  segment: v.string(),
  code: v.string(),
  message: v.string(),
  hint: v.string(),
  /** When a push of this file first failed, and when the last did; ISO 8601. */
  since: time,
  lastAt: time,
  tries: integerFrom(1),
});

export type PushRefusal = Pick<
  ReturnType<typeof format.parse>,
  'segment' | 'code' | 'message' | 'hint' | 'since' | 'lastAt' | 'tries'
>;

const refusalPath = (source: Source): string => join(walqDirectory(source), 'push-refused.json');

/** Records, durably, that a push of this file failed. */
export async function recordRefusal(
  disk: Disk,
  source: Source,
  segment: string,
  { code, message, hint }: Pick<WalqError, 'code' | 'message' | 'hint'>,
): Promise<void> {
  const path = refusalPath(source);
  try {
    const known = await read(disk, source);
    const before = known?.segment === segment ? known : undefined;
    const lastAt = new Date().toISOString();
    const since = before?.since ?? lastAt;
    const tries = (before?.tries ?? 0) + 1;
    const record = { segment, code, message, hint, since, lastAt, tries };
    await disk.makeDirectory(walqDirectory(source));
    await writeFileDurably(disk, path, format.text(record));
  } catch (error) {
    throw sourceFailure(`write ${path}`, error);
  }
}

/** Removes the record once its file is archived; a record of another file stays. */
export async function clearRefusal(disk: Disk, source: Source, segment: string): Promise<void> {
  const path = refusalPath(source);
  try {
    if ((await read(disk, source))?.segment === segment) await disk.unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw sourceFailure(`remove ${path}`, error);
  }
}

/** The push that blocks the archiver now; undefined when none does. */
export async function findRefusal(disk: Disk, source: Source): Promise<PushRefusal | undefined> {
  if (source.sealedRule.kind !== 'ready') return undefined;
  try {
    const refusal = await read(disk, source);
    if (refusal === undefined || !(await isReady(disk, source, refusal.segment))) return undefined;
    return refusal;
  } catch (error) {
    throw sourceFailure(`read ${refusalPath(source)}`, error);
  }
}

/** Ignores a damaged record: the next failure writes it again. */
async function read(disk: Disk, source: Source): Promise<PushRefusal | undefined> {
  const text = await readSmallFile(disk, refusalPath(source));
  const known = format.read(text ?? '');
  if (known === undefined) return undefined;
  const { segment, code, message, hint, since, lastAt, tries } = known;
  return { segment, code, message, hint, since, lastAt, tries };
}
