/** A job as the simulated server keeps it, and what its callers say of it. */
export interface StoredJob {
  readonly id: string;
  readonly name: string;
  data: string;
  readonly attempts: number;
  readonly timestamp: number;
  processedOn: number | undefined;
  attemptsMade: number;
  stalledCounter: number;
  lock: { readonly token: string; untilMs: number } | undefined;
}

export interface BulkJob {
  readonly name: string;
  readonly data: unknown;
  readonly opts: {
    readonly jobId: string;
    readonly timestamp: number;
    readonly attempts: number;
    /** From the timestamp, in milliseconds. */
    readonly delay?: number;
    /** At the head of the queue. */
    readonly lifo?: boolean;
  };
}

export interface KeepJobs {
  readonly age: number;
  readonly count: number;
}
