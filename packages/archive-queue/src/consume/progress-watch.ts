/**
 * Tells a worker that has work and gets nowhere: a disk that hangs, or jobs that nobody takes. Idle is not
 * stuck, nor is a worker that was told to wait.
 */
export interface WorkSeen {
  /** Something is in work, or waits and may be taken. */
  readonly hasWork: boolean;
  /** Another with every segment that begins or ends, and with every byte. */
  readonly mark: string;
}

export class ProgressWatch {
  readonly #stuckAfterMs: number;
  readonly #now: () => number;
  #mark: string | undefined;
  #lastProgressAt: number | null = null;
  #since: number;
  #hasWork = false;

  constructor(stuckAfterMs: number, now: () => number = Date.now) {
    this.#stuckAfterMs = stuckAfterMs;
    this.#now = now;
    this.#since = now();
  }

  note({ hasWork, mark }: WorkSeen): void {
    const isProgress = this.#mark !== undefined && mark !== this.#mark;
    if (isProgress) this.#lastProgressAt = this.#now();
    if (isProgress || !hasWork || !this.#hasWork) this.#since = this.#now();
    this.#mark = mark;
    this.#hasWork = hasWork;
  }

  /** When a segment last began, moved or ended, in milliseconds since 1970; null before the first. */
  get lastProgressAt(): number | null {
    return this.#lastProgressAt;
  }

  get isStuck(): boolean {
    return this.#hasWork && this.#now() - this.#since >= this.#stuckAfterMs;
  }
}
