/**
 * Records of repairs in the archive: `<source>/_walq/repairs/<id>-began.json` is written before anything is changed,
 * `<id>-ended.json` after all changes; a replacement also writes `<id>-aside.json` in between. Records are never
 * changed or removed.
 */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { time } from '../base/record-fields.ts';
import { reasonOf } from '../base/failure/system-error.ts';
import { sha256Of } from '../base/hash.ts';
import { jsonRecord } from '../base/json-record.ts';
import { readRecords } from '../store/small-files.ts';
import type { ArchiveStore } from '../store/store.ts';

export const REPAIRS_FOLDER = 'repairs';

const repairActions = ['replace', 'release', 'rearchive', 'acknowledge-gap'] as const;
type RepairAction = (typeof repairActions)[number];

const began = jsonRecord({
  source: v.string(),
  action: v.picklist(repairActions),
  /** Who repairs: `user@host`. */
  by: v.string(),
  at: time,
  /** The source's UUID, or that of the PostgreSQL instance. */
  sourceId: v.optional(v.string()),
  segment: v.optional(v.string()),
  /** What was wrong, or the operator's explanation. */
  why: v.string(),
});

const aside = jsonRecord({ aside: v.string(), at: time });

const ended = jsonRecord({
  by: v.string(),
  at: time,
  /** What the repair achieved. */
  outcome: v.string(),
});

export type BeganRecord = ReturnType<typeof began.parse>;

const formats = { began, aside, ended };
type RecordKind = keyof typeof formats;

/** Undefined for a record that is damaged or was written by a newer walq. */
export function parseRecord<Kind extends RecordKind>(
  kind: Kind,
  text: string,
): ReturnType<(typeof formats)[Kind]['read']> {
  return formats[kind].read(text) as ReturnType<(typeof formats)[Kind]['read']>;
}

export const recordName = (id: string, kind: RecordKind): string =>
  `${REPAIRS_FOLDER}/${id}-${kind}`;

const namePattern = /^(?<id>.+)-(?<kind>began|aside|ended)$/;

export function parseRecordName(name: string): { id: string; kind: RecordKind } | undefined {
  const { id, kind } = namePattern.exec(name)?.groups ?? {};
  if (id === undefined || kind === undefined) return undefined;
  return { id, kind: kind as RecordKind };
}

/** The id of a repair that several processes may make at the same time. */
const newRepairId = (): string => randomUUID();

/**
 * The id of the nth replacement of a segment's object. The process that creates its record first owns it, so that of
 * several that want to replace the same object one does.
 */
export const replacementId = (segment: string, n: number): string =>
  `${sha256Of(segment)}-${String(n).padStart(6, '0')}`;

/** The number of this replacement of the segment's object; undefined for the id of another repair. */
export function replacementNumber(segment: string, id: string): number | undefined {
  const n = Number(id.slice(-6));
  return Number.isInteger(n) && id === replacementId(segment, n) ? n : undefined;
}

/** One repair, put together from its records. */
export interface Repair {
  readonly id: string;
  /** Null where the record is damaged or was written by a newer walq. */
  readonly began: BeganRecord | null;
  /**
   * Where the old object was moved, relative to the archive. Null where no object was moved, or the process died
   * before it
   * recorded the place.
   */
  readonly aside: string | null;
  /** Null while the repair runs, and where its process died. */
  readonly ended: { readonly outcome: string; readonly by: string; readonly at: string } | null;
}

/** What a record states in addition to who and when. */
interface RepairStart {
  readonly action: RepairAction;
  readonly why: string;
  readonly segment?: string;
  readonly sourceId?: string;
}

interface RepairLogOptions {
  readonly store: ArchiveStore;
  /** The source's name. */
  readonly source: string;
  /** Who repairs: `user@host`. */
  readonly by: string;
}

export class RepairLog {
  readonly #options: RepairLogOptions;

  constructor(options: RepairLogOptions) {
    this.#options = options;
  }

  /** Records durably what is about to be done. `exists` when another process has taken this id. */
  beginAs(id: string, start: RepairStart): Promise<'created' | 'exists'> {
    return this.#create(id, 'began', { ...this.#signature(), ...start });
  }

  async recordMoved(id: string, aside: string): Promise<void> {
    await this.#create(id, 'aside', { aside, at: new Date().toISOString() });
  }

  async end(id: string, outcome: string): Promise<void> {
    await this.#create(id, 'ended', { ...this.#signature(), outcome });
  }

  /** Runs `work` between two records: begun before it, ended with its outcome. A failure is recorded as well. */
  async around<T>(
    start: RepairStart,
    work: () => Promise<T>,
    outcomeOf: (result: T) => string,
  ): Promise<T> {
    const id = await this.#begin(start);
    try {
      const result = await work();
      await this.end(id, outcomeOf(result));
      return result;
    } catch (error) {
      // The failure of the work matters more than the failure to record it.
      await this.end(id, `failed: ${reasonOf(error)}`).catch(() => undefined);
      throw error;
    }
  }

  async #begin(start: RepairStart): Promise<string> {
    const id = newRepairId();
    await this.beginAs(id, start);
    return id;
  }

  #create(id: string, kind: RecordKind, record: object): Promise<'created' | 'exists'> {
    const { store, source } = this.#options;
    return store.records.create(source, recordName(id, kind), formats[kind].text(record));
  }

  #signature() {
    const { source, by } = this.#options;
    return { source, by, at: new Date().toISOString() };
  }
}

/** All repairs of a source, in the order in which they began. Memory grows with their number. */
export async function listRepairs(store: ArchiveStore, source: string): Promise<readonly Repair[]> {
  const repairs = new Map<string, Repair>();
  for (const { name, text } of await readRecords(store, source, REPAIRS_FOLDER)) {
    const { id, kind } = parseRecordName(name) ?? {};
    if (id === undefined || kind === undefined) continue;
    const known = repairs.get(id) ?? { id, began: null, aside: null, ended: null };
    repairs.set(id, { ...known, ...fieldsOf(kind, text) });
  }
  return [...repairs.values()].toSorted((a, b) => (beganAt(a) < beganAt(b) ? -1 : 1));
}

const beganAt = ({ began }: Repair): string => began?.at ?? '';

function fieldsOf(kind: RecordKind, text: string): Partial<Repair> {
  if (kind === 'began') return { began: parseRecord(kind, text) ?? null };
  if (kind === 'aside') return { aside: parseRecord(kind, text)?.aside ?? null };
  const ended = parseRecord(kind, text);
  if (ended === undefined)
    return { ended: { outcome: 'unknown: the record is damaged', by: '', at: '' } };
  const { outcome, by, at } = ended;
  return { ended: { outcome, by, at } };
}

/** A replacement that is running, or whose process died. */
export const isUnfinished = ({ began, ended }: Repair): boolean =>
  ended === null && (began === null || began.action === 'replace');
