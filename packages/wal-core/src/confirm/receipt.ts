import type { MeasuredSegment } from '../pipeline/segment-states.ts';

/** The proof that allows deletion: the archive holds this very content, durably. */
export interface ArchiveReceipt {
  readonly segment: MeasuredSegment;
  readonly objectBytes: number;
  readonly origin: 'published' | 'found';
  /** When the file was last written whose copy the object is, as its manifest says it. */
  readonly sealedAt: string;
}

const issued = new WeakSet<ArchiveReceipt>();

/** For `confirm` alone: the import rules let no other file call it. */
export function issueReceipt(receipt: ArchiveReceipt): ArchiveReceipt {
  issued.add(receipt);
  return receipt;
}

/** A receipt cannot be written by hand: only what was issued passes. */
export function assertIssued(receipt: ArchiveReceipt): void {
  if (!issued.has(receipt)) throw new TypeError('this receipt was not issued by confirm');
}
