/** The checksum of a source whose object is there already; runs in a thread of the pool. */
import type { SourceChecksum } from './manifest.ts';
import type { CancelFlag } from './cancel-flag.ts';
import type { SegmentProgress } from './segment-progress.ts';
import type { Workbench } from './workbench.ts';
import { RunningChecksum } from './checksum.ts';
import type { Fingerprint } from './fingerprint.ts';
import { readSource } from './read-source.ts';
import { StageClock, type ThreadTimes } from './stage-clock.ts';

export interface ChecksumTask {
  readonly sourcePath: string;
  /** Only what the file begins with. Default: all of it. */
  readonly bytesMax?: number;
  readonly cancel: CancelFlag;
  readonly progress?: SegmentProgress;
}

export interface Measured {
  readonly fingerprint: Fingerprint;
  readonly bytes: number;
  readonly sourceChecksum: SourceChecksum;
  readonly times: ThreadTimes;
}

export async function checksumSource(bench: Workbench, task: ChecksumTask): Promise<Measured> {
  const clock = new StageClock('readMs');
  const checksum = new RunningChecksum();
  const fingerprint = await readSource(bench.disk, {
    path: task.sourcePath,
    buffer: bench.chunk,
    cancel: task.cancel,
    progress: task.progress,
    bytesMax: task.bytesMax,
    onChunk: (plain) => checksum.update(plain),
  });
  const sourceChecksum = checksum.finish();
  const bytes = Math.min(Number(fingerprint.size), task.bytesMax ?? Infinity);
  return { fingerprint, bytes, sourceChecksum, times: clock.times() };
}
