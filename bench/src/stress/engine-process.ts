/**
 * A storage engine of its own, so that memory, garbage and event loop are those of one mode:
 *
 *     node engine-process.js, then an order; it answers once, and ends with whoever gave the order
 */
import { join } from 'node:path';
import { openArchiving, readPlace } from './archiving.ts';
import { Engine } from './engine.ts';
import type { StressMode } from './mode.ts';
import { RecordPool } from './record-pool.ts';
import {
  appendAtFullLoad,
  appendAtRate,
  type FullLoadFigures,
  type PacedFigures,
} from './stretches.ts';
import { verifyRecords, type Verified } from './verify-records.ts';
import type { Workload } from './workload.ts';

export interface EngineOrder {
  readonly mode: StressMode;
  /** Of the place, whose directory is the engine's. */
  readonly configPath: string;
  readonly root: string;
  readonly workload: Workload;
}

/** What one run of one mode came to. */
export interface StressRun {
  readonly paced: PacedFigures;
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
    const paced = await appendAtRate(engine, workload);
    await engine.settle();
    const fullLoad = await appendAtFullLoad(engine, workload);
    await engine.close();
    const destination = join(root, 'restored');
    const { source } = place;
    const { appends } = engine;
    const verified = await verifyRecords({ mode, source, destination, pool, appends });
    return { paced, fullLoad, verified };
  } finally {
    await archiving.close();
  }
}

const WARM_UP_SEGMENTS = 2;

/** Code is compiled, threads and connections are there: as in an engine that has run for a while. */
async function warmUp(engine: Engine, { segmentBytes, recordBytes }: Workload): Promise<void> {
  const appends = Math.ceil((WARM_UP_SEGMENTS * segmentBytes) / recordBytes);
  await Promise.all(Array.from({ length: appends }, () => engine.append()));
  await engine.settle();
}

process.on('disconnect', () => process.exit());
process.once('message', (order: EngineOrder) => {
  obey(order).then((run) => process.send?.(run), fail);
});

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
