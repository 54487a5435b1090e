/**
 * What a repair leaves in the archive: `<source>/_walq/repairs/<id>-began.json` before anything is changed,
 * `<id>-ended.json` when all of it was; of a replacement `<id>-aside.json` in between. None is changed or removed.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { reasonOf } from '../base/failure/system-error.ts';
import { sha256Of } from '../base/hash.ts';
import { jsonRecord } from '../base/json-record.ts';
import { readRecords } from '../store/small-files.ts';
import type { ArchiveStore } from '../store/store.ts';

export const REPAIRS_FOLDER = 'repairs';

const repairActions = ['replace', 'release', 'rearchive', 'acknowledge-gap'] as const;
type RepairAction = (typeof repairActions)[number];

const at = z.iso.datetime();

const began = jsonRecord({
  source: z.string(),
  action: z.enum(repairActions),
  /** Who: `user@host`. */
  by: z.string(),
  at,
  /** The source's UUID, or that of the PostgreSQL instance. */
  sourceId: z.string().optional(),
  segment: z.string().optional(),
  /** What was wrong, or in whose words something was explained. */
  why: z.string(),
});

const aside = jsonRecord({ aside: z.string(), at });

const ended = jsonRecord({
  by: z.string(),
  at,
  /** What came of it. */
  outcome: z.string(),
});

export type BeganRecord = ReturnType<typeof began.parse>;

const formats = { began, aside, ended };
type RecordKind = keyof typeof formats;

/** Undefined for what is damaged, or of a newer walq. */
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

/** Of a repair that any number may make at the same time. */
const newRepairId = (): string => randomUUID();

/**
 * Of the nth replacement of a segment's object. Whoever creates its record first has it: of all who want to
 * replace the same object one does.
 */
export const replacementId = (segment: string, n: number): string =>
  `${sha256Of(segment)}-${String(n).padStart(6, '0')}`;

/** Which replacement of this segment it is; undefined for another repair's id. */
export function replacementNumber(segment: string, id: string): number | undefined {
  const n = Number(id.slice(-6));
  return Number.isInteger(n) && id === replacementId(segment, n) ? n : undefined;
}

/** One repair, as its records tell it. */
export interface Repair {
  readonly id: string;
  /** Null where the record is damaged, or of a newer walq. */
  readonly began: BeganRecord | null;
  /** Where the old object is, relative to the archive; null where there is none, or nobody lived to say. */
  readonly aside: string | null;
  /** Null while it is under way, or where whoever began it died. */
  readonly ended: { readonly outcome: string; readonly by: string; readonly at: string } | null;
}

/** What a record says beside who and when. */
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

  /** Writes down, durably, what is about to be done, under an id that others may have taken: then it `exists`. */
  beginAs(id: string, start: RepairStart): Promise<'created' | 'exists'> {
    return this.#create(id, 'began', { ...this.#signature(), ...start });
  }

  async recordMoved(id: string, aside: string): Promise<void> {
    await this.#create(id, 'aside', { aside, at: new Date().toISOString() });
  }

  async end(id: string, outcome: string): Promise<void> {
    await this.#create(id, 'ended', { ...this.#signature(), outcome });
  }

  /** Records around a piece of work: begun before it, ended with what it says. A failure of it is told too. */
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
      // Why it failed matters more than that this could not be written down either.
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
  if (ended === undefined) return { ended: { outcome: 'not readable', by: '', at: '' } };
  const { outcome, by, at } = ended;
  return { ended: { outcome, by, at } };
}

/** A replacement that is under way, or whose process died. */
export const isUnfinished = ({ began, ended }: Repair): boolean =>
  ended === null && (began === null || began.action === 'replace');
