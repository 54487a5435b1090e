import type { Place } from './place.ts';

/** One way to archive segments. */
export interface Contestant {
  /** For machines: `queue-1`. */
  readonly id: string;
  readonly title: string;
  /** Why it cannot take part; undefined when it can. */
  readonly absence?: string | undefined;
  /** Whether what it archived is gone from the source afterwards. */
  readonly deletes: boolean;
  /** Starts all that it needs. */
  open(place: Place): Promise<Runner>;
}

export interface Runner {
  /** Archives what it has not archived yet, up to and including the segment. */
  clean(upTo: string): Promise<Cleaned>;
  /** Ends all that was started, whatever came of it. */
  close(): Promise<void>;
}

export interface Cleaned {
  /** From the call until all is archived. */
  readonly wallMs: number;
  /** Until the call gave control back to its caller. */
  readonly callMs: number;
  /** The longest time that the caller's event loop was held meanwhile. */
  readonly heldMs: number;
}
