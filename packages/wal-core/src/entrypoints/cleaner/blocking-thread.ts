/**
 * Entry of the thread of `cleanupUpToSync`, which does all the work itself, one segment after another. Every failure
 * becomes an answer, even a failed import.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { answer } from '../../threads/threads.ts';
import type { BatchReport } from '../../pipeline/report.ts';
import type { PlainCleanup } from './options.ts';

let cleaner: ReturnType<typeof load> | undefined;

parentPort?.on('message', (segment: string) => void reply(segment));

async function reply(segment: string): Promise<void> {
  parentPort?.postMessage(await answer(cleanUpTo(segment)));
}

async function cleanUpTo(segment: string): Promise<BatchReport> {
  cleaner ??= load();
  return (await cleaner).cleanupUpTo(segment);
}

async function load() {
  const { blockingDisk } = await import('../../base/disk/blocking-disk.ts');
  const { createInlineThreads } = await import('../../threads/inline-threads.ts');
  const { cleanerOn } = await import('./cleaner.ts');
  const { cleanupOptions, fromPlain } = await import('./options.ts');
  const options = cleanupOptions(fromPlain(workerData as PlainCleanup));
  return cleanerOn(options, blockingDisk, createInlineThreads(blockingDisk));
}
