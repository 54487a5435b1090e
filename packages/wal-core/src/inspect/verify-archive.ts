/** Whether an archive can be trusted: gaps, and object by object what it says of itself or, deep, what it holds. */
import { asWalqError, isWalqError, WalqError, type FailureCode } from '../failure/index.ts';
import type { SegmentName } from '../segment/index.ts';
import type { Threads } from '../threads/index.ts';
import { GapFinder, type Gap } from './gap-finder.ts';
import { keysInOrder, type OrderedKey } from './in-order.ts';
import type { ListOptions } from './list-archive.ts';
import { mapInOrder } from './map-in-order.ts';
import { withinRange } from './range.ts';
import { readManifest, keyPath, parseManifest, type Manifest } from '../store/index.ts';

export interface VerifyOptions extends Omit<ListOptions, 'index' | 'onUnreadable'> {
  readonly consecutive: boolean;
  /** Segments that are still at the source, in order: what is waiting there is no gap. */
  readonly atSource: readonly SegmentName[];
  /** Reads and decodes every byte; without it the manifests alone are read. */
  readonly deep?: Threads;
  readonly signal: AbortSignal;
  readonly onSegment?: (segment: string) => void;
}

export interface CorruptSegment {
  readonly source: string;
  readonly segment: string;
  readonly code: FailureCode;
  readonly message: string;
}

export interface SourceVerification {
  readonly segments: number;
  readonly gaps: readonly Gap[];
  readonly corrupt: readonly CorruptSegment[];
}

const SHALLOW_READS_MAX = 16;

/** Rejects when the archive cannot be read at all; what is wrong within it is the result. */
export async function verifyArchive(options: VerifyOptions): Promise<SourceVerification> {
  const gaps = new GapFinder(options.source, options.atSource);
  const corrupt: CorruptSegment[] = [];
  let segments = 0;
  const ordered = keysInOrder(options.store, options.source, options.naming);
  const keys = withinRange(ordered, options.range);
  const atOnce = options.deep?.parallelism ?? SHALLOW_READS_MAX;
  for await (const [name, fault] of mapInOrder(keys, atOnce, (key) => inspect(options, key))) {
    segments += 1;
    gaps.next(name);
    if (fault !== undefined) corrupt.push(fault);
    options.onSegment?.(name.name);
  }
  return { segments, gaps: options.consecutive ? gaps.finish() : [], corrupt };
}

async function inspect(
  options: VerifyOptions,
  { key, name }: OrderedKey,
): Promise<[SegmentName, CorruptSegment?]> {
  options.signal.throwIfAborted();
  try {
    const manifest = await (options.deep === undefined
      ? readManifest(options.store, key)
      : readWhole(options, options.deep, key));
    if (manifest !== undefined) refuseOtherName(key, manifest);
    return [name];
  } catch (error) {
    if (!isWrong(error)) throw error;
    const { code, message } = asWalqError(error);
    return [name, { source: key.source, segment: key.segment, code, message }];
  }
}

/** What is wrong with the object; anything else, such as a store that is away, ends the verification. */
const isWrong = (error: unknown): boolean =>
  isWalqError(error, 'object-corrupt', 'object-foreign', 'archive-format-unknown');

async function readWhole(options: VerifyOptions, deep: Threads, key: OrderedKey['key']) {
  const where = keyPath(key);
  const local = await options.store.fetch(key);
  if (local === undefined) return undefined;
  try {
    const object = await deep.decode({ objectPath: local.path, where }, options.signal);
    return parseManifest(where, object.manifestJson);
  } finally {
    await local.release();
  }
}

function refuseOtherName(key: OrderedKey['key'], manifest: Manifest): void {
  if (manifest.segment === key.segment && manifest.source === key.source) return;
  throw new WalqError('object-corrupt', {
    message: `${keyPath(key)} says that it is segment ${manifest.segment} of source '${manifest.source}'`,
  });
}
