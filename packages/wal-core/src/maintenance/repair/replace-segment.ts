/**
 * Replaces one object that does not decode, or whose source has grown. One process at a time does so, and a crash is
 * resumed.
 *
 * A replacement is a record with a number of its own, created before the object is changed. Among processes that
 * share the
 * source, the lock lets one at a time create it, so an unfinished one belongs to a dead process. For a process that
 * does not
 * share the source (another PostgreSQL instance that archives here), the record itself excludes the others.
 */
import { WalqError } from '../../base/failure/walq-error.ts';
import {
  replaceObject,
  type ReplaceJournal,
  type Replaced,
  type ReplaceReason,
} from '../../pipeline/replace-object.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import type { CompressionChoice } from '../../pipeline/compression.ts';
import { startBatch, startRun, type PipelineContext } from '../../pipeline/segment-run.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import {
  type RepairLog,
  parseRecord,
  parseRecordName,
  recordName,
  REPAIRS_FOLDER,
  replacementId,
  replacementNumber,
  type BeganRecord,
} from '../../archive/repairs.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { takeLock, type Lock } from '../../base/lock/take-lock.ts';
import { walqDirectory, type Source } from '../../source/source.ts';

export interface Replacing {
  readonly context: PipelineContext;
  readonly choice: CompressionChoice;
  readonly open: OpenSource;
  readonly log: RepairLog;
  readonly lock: RepairLock;
  /** Whether to resume a replacement that an instance on another machine started and will never finish. */
  readonly takeOver: boolean;
}

interface Replacement {
  /** Id of its records, where the object was replaced. */
  readonly id: string;
  readonly replaced: Replaced;
  /** Where the old object is now, relative to the archive; null where nothing was replaced. */
  readonly aside: string | null;
}

/**
 * Rejects with `repair-in-progress` where another process replaces the object, and as archiving does. The record is
 * ended by
 * the process that later finds that the archive holds the content of the source.
 */
export async function replaceSegment(
  replacing: Replacing,
  segment: SegmentName,
  reason: ReplaceReason,
  signal: AbortSignal,
): Promise<Replacement> {
  const { context, choice, open, lock } = replacing;
  await lock.take();
  const { last, unfinished } = await replacementsOf(replacing, segment);
  assertNotBegunElsewhere(replacing, unfinished, segment);
  const id = replacementId(segment.name, last + 1);
  let aside: string | null = null;
  const journal = journalOf(replacing, id, segment, (name) => (aside = name));
  const compression = await choice.choose({ ...open, segment: segment.name, signal });
  const run = startRun(startBatch({ context, open, compression }, { signal }), segment.name);
  const replaced = await replaceObject(run, reason, journal);
  return { id, replaced, aside };
}

/** The number of this segment's last replacement, and its unfinished ones. Reads only this segment's records. */
async function replacementsOf({ open }: Replacing, { name }: SegmentName) {
  const { store, source } = open;
  const names = await store.records.list(source.name, REPAIRS_FOLDER);
  const known = names.flatMap((one) => parseRecordName(one) ?? []);
  const ended = new Set(known.flatMap(({ id, kind }) => (kind === 'ended' ? id : [])));
  let last = 0;
  const unfinished: (BeganRecord | undefined)[] = [];
  for (const { id, kind } of known) {
    const n = kind === 'began' ? replacementNumber(name, id) : undefined;
    if (n === undefined) continue;
    last = Math.max(last, n);
    if (!ended.has(id)) unfinished.push(await readBegan(open, id));
  }
  return { last, unfinished };
}

/** Undefined where the record is damaged or was written by a newer walq: then its owner is unknown. */
async function readBegan(
  { store, source }: OpenSource,
  id: string,
): Promise<BeganRecord | undefined> {
  const text = await store.records.read(source.name, recordName(id, 'began'));
  return text === undefined ? undefined : parseRecord('began', text);
}

function assertNotBegunElsewhere(
  { open, takeOver }: Replacing,
  unfinished: readonly (BeganRecord | undefined)[],
  { name }: SegmentName,
): void {
  if (takeOver) return;
  for (const began of unfinished) {
    if (began?.sourceId === open.sourceId) continue;
    const who = began === undefined ? 'another process' : `${began.by} at ${began.at}`;
    throw new WalqError('repair-in-progress', {
      message: `${who} started to replace the object of ${name} from another instance and has not finished`,
      hint: 'Wait until it finishes. If it never will, repeat with --take-over.',
    });
  }
}

/** The records of the next replacement of this segment's object. */
function journalOf(
  { log, open }: Replacing,
  id: string,
  { name }: SegmentName,
  onAside: (aside: string) => void,
): ReplaceJournal {
  const beginning = { action: 'replace', segment: name, sourceId: open.sourceId } as const;
  return {
    begin: async ({ code, message }) => {
      const begun = await log.beginAs(id, { ...beginning, why: `${message} (${code})` });
      if (begun === 'exists')
        throw inProgress(`another process has just started to replace the object of ${name}`);
    },
    recordMoved: (aside) => {
      onAside(aside);
      return log.recordMoved(id, aside);
    },
  };
}

// One process at a time replaces objects of a source: the lock is next to the source's own records.

/** Taken when it is first needed, and held until `release`. */
export class RepairLock {
  readonly #disk: Disk;
  readonly #source: Source;
  #taken: Promise<Lock> | undefined;

  constructor(disk: Disk, source: Source) {
    this.#disk = disk;
    this.#source = source;
  }

  /** Rejects with `repair-in-progress` while another process holds it. */
  async take(): Promise<void> {
    this.#taken ??= takeLock(this.#disk, walqDirectory(this.#source), {
      prefix: 'repair',
      taken: (path) =>
        inProgress(`another walq repair is running on '${this.#source.name}' (${path})`),
      takenElsewhere: (path) =>
        new WalqError('repair-in-progress', {
          message: `walq repair is running on '${this.#source.name}' on another machine, or was when that machine went down (${path})`,
          hint: 'If walq repair no longer runs on that machine, remove the file and repeat the command.',
        }),
    });
    await this.#taken;
  }

  /** Succeeds also where it was never taken. */
  async release(): Promise<void> {
    const taken = await this.#taken?.catch(() => undefined);
    this.#taken = undefined;
    await taken?.release();
  }
}

const inProgress = (message: string): WalqError => new WalqError('repair-in-progress', { message });
