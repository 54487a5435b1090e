/**
 * A storage engine of its own, so that memory, garbage and event loop are those of one mode:
 *
 *     node engine-process.js, then an order; it answers once, and ends with whoever gave the order
 */
import type { ConfiguredSource } from '@walq/config';
import {
  createThreadPool,
  nodeDisk,
  openStore,
  readLog,
  restoreRange,
} from '@walq/wal-core/internal';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openArchiving, readPlace } from './archiving.ts';
import { Engine, RecordPool } from './engine.ts';
import {
  appendAtFullLoad,
  appendAtRate,
  type FullLoadFigures,
  type AtRateFigures,
} from './stretches.ts';
import type { StressMode, Workload } from './workload.ts';

export interface EngineOrder {
  readonly mode: StressMode;
  /** Of the place, whose directory is the engine's. */
  readonly configPath: string;
  readonly root: string;
  readonly workload: Workload;
}

/** What one run of one mode came to. */
export interface StressRun {
  readonly atRate: AtRateFigures;
  readonly fullLoad: FullLoadFigures;
  readonly verified: Verified;
}

async function obey({ mode, configPath, root, workload }: EngineOrder): Promise<StressRun> {
  const place = await readPlace(configPath);
  const { directory } = place.source;
  const pool = new RecordPool(workload.seed, workload.recordBytes);
  const archiving = openArchiving[mode](place);
  try {
    const engine = await Engine.open({ directory, archiving, pool, workload });
    await warmUp(engine, workload);
    const atRate = await appendAtRate(engine, workload);
    await engine.awaitArchived();
    const fullLoad = await appendAtFullLoad(engine, workload);
    await engine.close();
    const destination = join(root, 'restored');
    const { source } = place;
    const { appends } = engine;
    const verified = await verifyRecords({ mode, source, destination, pool, appends });
    return { atRate, fullLoad, verified };
  } finally {
    await archiving.close();
  }
}

const WARM_UP_SEGMENTS = 2;

/** Code is compiled, threads and connections are there: as in an engine that has run for a while. */
async function warmUp(engine: Engine, { segmentBytes, recordBytes }: Workload): Promise<void> {
  const appends = Math.ceil((WARM_UP_SEGMENTS * segmentBytes) / recordBytes);
  await Promise.all(Array.from({ length: appends }, () => engine.append()));
  await engine.awaitArchived();
}

process.on('disconnect', () => process.exit());
process.once('message', (order: EngineOrder) => {
  obey(order).then((run) => process.send?.(run), fail);
});

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

interface VerifyOptions {
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

/**
 * No figure for work that was not done: every record that was appended is read back, from the archive.
 *
 * @throws Error when a record is missing or differs, or what was archived is still at the source
 */
async function verifyRecords(options: VerifyOptions): Promise<Verified> {
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
