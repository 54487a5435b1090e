import type { WalqError } from '../base/failure/walq-error.ts';
import type { SegmentName } from '../source/segment-name.ts';
import { recordBytes } from './layout.ts';

export interface Append {
  readonly kind: 'append';
  readonly payload: Uint8Array;
  readonly resolve: (sequence: bigint) => void;
  readonly reject: (error: WalqError) => void;
}

export interface Seal {
  readonly kind: 'seal';
  readonly resolve: (sealed: SegmentName | undefined) => void;
  readonly reject: (error: WalqError) => void;
}

/** How much one commit may contain. */
export interface CommitRoom {
  readonly bytesMax: number;
  /** The same for a record that is written alone. */
  readonly aloneBytesMax: number;
}

/** The calls of a log that are not done yet, in order. */
export class WaitingTasks {
  readonly #tasks: (Append | Seal)[] = [];

  get first(): Append | Seal | undefined {
    return this.#tasks[0];
  }

  add(task: Append | Seal): void {
    this.#tasks.push(task);
  }

  /** The first appends, as many as fit into one commit; none when the first does not fit. */
  nextCommit({ bytesMax, aloneBytesMax }: CommitRoom): Append[] {
    const commit: Append[] = [];
    let bytes = 0;
    for (const task of this.#tasks) {
      if (task.kind === 'seal') break;
      bytes += recordBytes(task.payload);
      if (bytes > (commit.length === 0 ? Math.max(bytesMax, aloneBytesMax) : bytesMax)) break;
      commit.push(task);
    }
    return commit;
  }

  /** Removes the calls that are done. */
  drop(count: number): void {
    this.#tasks.splice(0, count);
  }

  rejectAll(failure: WalqError): void {
    for (const { reject } of this.#tasks.splice(0)) reject(failure);
  }
}
