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
  /** A wall clock that is set forward must not make a worker stuck. */
  readonly #steadyMs: () => number;
  #mark: string | undefined;
  #lastProgressAt: number | null = null;
  #since: number;
  #hasWork = false;

  constructor(stuckAfterMs: number, steadyMs: () => number = () => performance.now()) {
    this.#stuckAfterMs = stuckAfterMs;
    this.#steadyMs = steadyMs;
    this.#since = steadyMs();
  }

  note({ hasWork, mark }: WorkSeen): void {
    const isProgress = this.#mark !== undefined && mark !== this.#mark;
    if (isProgress) this.#lastProgressAt = Date.now();
    if (isProgress || !hasWork || !this.#hasWork) this.#since = this.#steadyMs();
    this.#mark = mark;
    this.#hasWork = hasWork;
  }

  /** When a segment last began, moved or ended, in milliseconds since 1970; null before the first. */
  get lastProgressAt(): number | null {
    return this.#lastProgressAt;
  }

  get isStuck(): boolean {
    return this.#hasWork && this.#steadyMs() - this.#since >= this.#stuckAfterMs;
  }
}
