/**
 * Who may write into a source's folder of an archive.
 *
 * `<source>/_walq/source.json` names the source that owns the folder. It is created once and never replaced, so that
 * two sources with one name cannot write to the same folder. `<source>/_walq/instances/<uuid>.json` names further
 * PostgreSQL instances that may write there, such as the members of a high-availability group.
 */
import { hostname } from 'node:os';
import * as v from 'valibot';
import { integerFrom, time, uuid } from '../base/record-fields.ts';
import { reasonOf } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { jsonRecord } from '../base/json-record.ts';
import { namingOf, type SegmentNaming } from '../source/naming.ts';
import type { Source } from '../source/source.ts';
import { foreignNaming } from './foreign-pattern.ts';
import { readRecords } from './small-files.ts';
import type { ArchiveStore } from './store.ts';

export interface ArchiveOwner {
  readonly sourceId: string;
  readonly type: Source['type'];
  /** The naming of the segments when the source claimed the folder; orders them for readers without a configuration. */
  readonly naming: SegmentNaming;
  readonly consecutive: boolean;
  /** Where the source was when it claimed the name; absent in archives of older versions. */
  readonly host?: string | undefined;
  readonly directory?: string | undefined;
  /** ISO 8601. */
  readonly since?: string | undefined;
  /** Of a PostgreSQL cluster, as decimal text. */
  readonly systemIdentifier?: string | undefined;
}

const RECORD = 'source';

const namingSchema = v.variant('kind', [
  v.looseObject({ kind: v.literal('log') }),
  v.looseObject({ kind: v.literal('pattern'), pattern: v.string(), base: v.picklist([10, 16]) }),
  v.looseObject({ kind: v.literal('postgres'), segmentBytes: integerFrom(1) }),
]);

const format = jsonRecord({
  sourceId: uuid,
  type: v.picklist(['log', 'directory', 'postgres']),
  naming: namingSchema,
  consecutive: v.boolean(),
  systemIdentifier: v.optional(v.string()),
  host: v.optional(v.string()),
  directory: v.optional(v.string()),
  since: v.optional(time),
});

/** The owner of the folder; undefined when no source has claimed it. */
export async function readArchiveOwner(
  store: ArchiveStore,
  source: string,
): Promise<ArchiveOwner | undefined> {
  const text = await store.records.read(source, RECORD);
  if (text === undefined) return undefined;
  try {
    const { naming, ...owner } = format.parse(text);
    return { ...owner, naming: await toNaming(naming) };
  } catch (cause) {
    throw new WalqError('archive-format-unknown', {
      message: `unable to read the owner of '${source}' in ${store.url}: ${reasonOf(cause)}`,
      cause,
    });
  }
}

/** Claims the folder for a source. Of several at the same time the first wins, and all get the same answer. */
export async function claimArchive(
  store: ArchiveStore,
  source: Source,
  { sourceId, systemIdentifier }: Pick<ArchiveOwner, 'sourceId' | 'systemIdentifier'>,
): Promise<ArchiveOwner> {
  const { type, consecutive } = source;
  const naming = toPlain(source.naming);
  const claimed = {
    host: hostname(),
    directory: source.directory,
    since: new Date().toISOString(),
  };
  const record = {
    sourceId,
    type,
    naming,
    consecutive,
    systemIdentifier,
    ...claimed,
  };
  await store.records.create(source.name, RECORD, format.text(record));
  const owner = await readArchiveOwner(store, source.name);
  if (owner !== undefined) return owner;
  throw new WalqError('store-unavailable', {
    message: `${store.url} lost the record of '${source.name}'`,
  });
}

function toPlain({ rule }: SegmentNaming): v.InferOutput<typeof namingSchema> {
  if (rule.kind === 'by-files')
    throw new TypeError('a source is opened before it claims its archive');
  return rule.kind === 'pattern' ? { ...rule, pattern: rule.pattern.source } : rule;
}

const toNaming = async (plain: v.InferOutput<typeof namingSchema>): Promise<SegmentNaming> =>
  plain.kind === 'pattern' ? foreignNaming(plain.pattern, plain.base) : namingOf(plain);

/** The owner of a source's name in an archive, for messages. */
export function describeOwner({ sourceId, host, directory, since }: ArchiveOwner): string {
  if (host === undefined || directory === undefined) return `the source with id ${sourceId}`;
  return `${directory} on host ${host}${since === undefined ? '' : `, since ${since}`}`;
}

export interface AdmittedInstance {
  readonly instance: string;
  /** System identifier of its cluster, as decimal text. */
  readonly systemIdentifier: string;
  readonly dataDirectory: string;
  /** Name of its machine, for messages. */
  readonly host: string;
  /** ISO 8601. */
  readonly at: string;
}

const FOLDER = 'instances';

const admittedFormat = jsonRecord({
  instance: uuid,
  systemIdentifier: v.string(),
  dataDirectory: v.string(),
  host: v.string(),
  at: time,
});

/** Admits an instance, durably; `exists` when it was admitted before. */
export function admitInstance(
  store: ArchiveStore,
  source: string,
  admitted: AdmittedInstance,
): Promise<'created' | 'exists'> {
  return store.records.create(
    source,
    `${FOLDER}/${admitted.instance}`,
    admittedFormat.text(admitted),
  );
}

export async function isAdmitted(
  store: ArchiveStore,
  source: string,
  instance: string,
): Promise<boolean> {
  return (await store.records.read(source, `${FOLDER}/${instance}`)) !== undefined;
}

/** UUIDs of the admitted instances, without reading their records. */
export const listInstanceIds = (store: ArchiveStore, source: string): Promise<readonly string[]> =>
  store.records.list(source, FOLDER);

/** The admitted instances, in order of admission. @throws WalqError `archive-format-unknown` */
export async function listInstances(
  store: ArchiveStore,
  source: string,
): Promise<readonly AdmittedInstance[]> {
  const records = await readRecords(store, source, FOLDER);
  const found = records.map(({ name, text }) => parse(source, name, text));
  return found.toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

function parse(source: string, name: string, text: string): AdmittedInstance {
  try {
    return admittedFormat.parse(text);
  } catch (cause) {
    const message = `unable to read the record ${source}/_walq/${FOLDER}/${name}.json`;
    throw new WalqError('archive-format-unknown', { message, cause });
  }
}
