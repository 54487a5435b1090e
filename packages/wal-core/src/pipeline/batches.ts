/** Groups consecutive segments into batches, which share their fsyncs of directories. */

export interface BatchLimits {
  readonly segmentsMax: number;
  /** A longer segment is a batch of its own. */
  readonly bytesMax: number;
}

export const DEFAULT_BATCH_LIMITS: BatchLimits = { segmentsMax: 64, bytesMax: 16 * 1024 * 1024 };

/** Every item once, in order. */
export function batchesOf<T extends { readonly bytes: number }>(
  items: readonly T[],
  { segmentsMax, bytesMax }: BatchLimits,
): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const last = batches.at(-1);
    bytes += item.bytes;
    if (last !== undefined && last.length < segmentsMax && bytes <= bytesMax) last.push(item);
    else {
      batches.push([item]);
      bytes = item.bytes;
    }
  }
  return batches;
}
