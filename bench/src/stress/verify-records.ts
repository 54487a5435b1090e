/** No figure for work that was not done: every record that was appended is read back, from the archive. */
import {
  createThreadPool,
  nodeDisk,
  openStore,
  readLog,
  restoreRange,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { readdir } from 'node:fs/promises';
import type { StressMode } from './mode.ts';
import type { RecordPool } from './record-pool.ts';

export interface VerifyOptions {
  readonly mode: StressMode;
  readonly source: ConfiguredSource;
  /** Where segments are restored to. */
  readonly destination: string;
  readonly pool: RecordPool;
  readonly appends: number;
}

export interface Verified {
  readonly records: number;
  /** In the archive. */
  readonly segments: number;
}

/** @throws Error when a record is missing or differs, or what was archived is still at the source */
export async function verifyRecords(options: VerifyOptions): Promise<Verified> {
  const { mode, source, destination } = options;
  if (mode === 'off') return { segments: 0, records: await compare(source.directory, options) };
  const left = (await readdir(source.directory)).filter((name) => source.naming.parse(name));
  if (left.length > 1) throw failed(mode, `${left.length - 1} segments are still at the source`);
  const segments = await restore(source, destination);
  return { segments, records: await compare(destination, options) };
}

async function restore(source: ConfiguredSource, destination: string): Promise<number> {
  const threads = createThreadPool({ parallelism: 2 });
  try {
    const store = openStore(source.archiveUrl, { disk: nodeDisk });
    const { signal } = new AbortController();
    const { name, naming } = source;
    const place = { disk: nodeDisk, store, threads, source: name, naming, destination, signal };
    return (await restoreRange(place)).segments;
  } finally {
    await threads.close();
  }
}

async function compare(directory: string, { mode, pool, appends }: VerifyOptions): Promise<number> {
  let records = 0;
  for await (const { payload } of readLog(directory)) {
    if (!pool.at(records).equals(payload)) throw failed(mode, `record ${records} differs`);
    records += 1;
  }
  if (records !== appends)
    throw failed(mode, `${appends} records were appended, ${records} came back`);
  return records;
}

const failed = (mode: StressMode, what: string): Error =>
  new Error(`archiving ${mode}: ${what}; its figures would be worth nothing`);
