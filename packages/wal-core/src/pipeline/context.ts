import type { Dictionaries } from '../archive/dictionaries.ts';
import type { Disk } from '../base/disk/disk.ts';
import type { Levels } from './level/levels.ts';
import type { Threads } from '../threads/threads.ts';
import type { StepListener } from './step.ts';
import type { ArchiveStore } from '../store/store.ts';

/** What every step of the pipeline works with. */
export interface PipelineContext {
  readonly disk: Disk;
  readonly threads: Threads;
  readonly store: ArchiveStore;
  readonly levels: Levels;
  readonly dictionaries: Dictionaries;
  /** `conservative_mode`: prove the staged object by reading it back; else decode the stream on its way. */
  readonly conservative: boolean;
  /** Who archives, as the manifest says it: host and process. */
  readonly worker: string;
  readonly onStep: StepListener;
}
