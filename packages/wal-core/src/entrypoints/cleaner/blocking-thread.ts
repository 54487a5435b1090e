/**
 * Entry of the thread of `cleanupUpToSync`, which does all the work itself, one segment after another. Every failure
 * becomes
 * an answer, even a failed import.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { answer } from '../../threads/threads.ts';
import type { BatchReport } from '../../pipeline/report.ts';
import type { CleanupRequest } from './blocking-call.ts';

const request = workerData as CleanupRequest;
parentPort?.postMessage(await answer(cleanUp()));

async function cleanUp(): Promise<BatchReport> {
  const { blockingDisk } = await import('../../base/disk/blocking-disk.ts');
  const { createInlineThreads } = await import('../../threads/inline-threads.ts');
  const { cleanerOn } = await import('./cleaner.ts');
  const { cleanupOptions } = await import('./options.ts');
  const { fromPlain } = await import('./options.ts');
  const options = cleanupOptions(fromPlain(request.cleanup));
  return cleanerOn(options, blockingDisk, createInlineThreads(blockingDisk)).cleanupUpTo(
    request.segment,
  );
}
