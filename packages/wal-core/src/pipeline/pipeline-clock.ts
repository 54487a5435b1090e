import type { ThreadTimes } from '../codec/stage-clock.ts';
import type { StageTimes } from './outcome.ts';

/** What a segment's stages took as the main thread sees them, put together with the thread's own times. */
export class PipelineClock {
  #storeMs = 0;
  #confirmMs = 0;
  #deleteMs = 0;

  storing<T>(work: Promise<T>): Promise<T> {
    return timed(work, (ms) => (this.#storeMs += ms));
  }

  confirming<T>(work: Promise<T>): Promise<T> {
    return timed(work, (ms) => (this.#confirmMs = ms));
  }

  deleting<T>(work: Promise<T>): Promise<T> {
    return timed(work, (ms) => (this.#deleteMs = ms));
  }

  stages(thread: ThreadTimes): StageTimes {
    const { readMs, compressMs, storeMs, confirmMs } = thread;
    return {
      readMs: rounded(readMs),
      compressMs: rounded(compressMs),
      storeMs: rounded(storeMs + this.#storeMs),
      confirmMs: rounded(confirmMs + this.#confirmMs),
      deleteMs: rounded(this.#deleteMs),
    };
  }
}

async function timed<T>(work: Promise<T>, note: (ms: number) => void): Promise<T> {
  const startedMs = performance.now();
  const result = await work;
  note(performance.now() - startedMs);
  return result;
}

/** To hundredths: reports are kept as JSON. */
const rounded = (ms: number): number => Math.round(ms * 100) / 100;
