/**
 * Entry module of a thread that archives: a batch is one task, from its first step to its last, on a disk whose calls
 * block. The thread has its own opened sources and stores. It loads nothing that the pipeline does not need.
 */
import { blockingDisk } from '../base/disk/blocking-disk.ts';
import { fromPlainSource } from '../source/plain-source.ts';
import { openDirectoryStore } from '../store/directory/directory-store.ts';
import type { SharedDirectory } from '../store/directory/shared-directory.ts';
import type { ArchiveStore } from '../store/store.ts';
import { serveCalls } from '../threads/serve-calls.ts';
import { callsThrough, type Threads } from '../threads/threads.ts';
import { doDurableWork, doWork, workOn, type Call } from '../threads/work.ts';
import { archiveBatch } from './archive-batch.ts';
import { toPlainResult, type BatchCall, type BatchTask, type PlainResult } from './batch-task.ts';
import { OpenSources } from './open-sources.ts';
import { startBatch } from './segment-run.ts';
import { archiveTimingSteps } from './step-times.ts';

const disk = blockingDisk;
const work = workOn(disk);
/** This thread itself. It has one batch at a time, so no call waits for another. */
const threads: Threads = {
  ...callsThrough((call) => doWork(work, call)),
  parallelism: 1,
  busy: 1,
  close: async () => undefined,
};
const sources = new OpenSources(disk);
const stores = new Map<string, ArchiveStore>();

serveCalls((call: Call | BatchCall) =>
  call.name === 'archive' ? archive(call.task) : doDurableWork(work, call),
);

async function archive(task: BatchTask): Promise<readonly PlainResult[]> {
  const { conservative, worker, compression, progress } = task;
  const open = await sources.of(fromPlainSource(task.source), storeOf(task.store));
  const context = { disk, threads, conservative, worker, onStep: () => undefined };
  const run = task.timesSteps ? archiveTimingSteps : archiveBatch;
  const batch = startBatch({ context, open, compression, progress }, task.options);
  return (await run(batch, task.segments)).map(toPlainResult);
}

/** Of one archive, so that what it has learned of the archive's directories stays. */
function storeOf(shared: SharedDirectory): ArchiveStore {
  const store = stores.get(shared.root) ?? openDirectoryStore(shared, disk);
  stores.set(shared.root, store);
  return store;
}
