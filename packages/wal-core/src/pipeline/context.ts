import type { Dictionaries } from '../dictionary/index.ts';
import type { Disk } from '../disk/index.ts';
import type { Levels } from '../level/index.ts';
import type { Threads } from '../threads/index.ts';
import type { StepListener } from './step.ts';
import type { ArchiveStore } from '../store/index.ts';

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
