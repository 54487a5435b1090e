/**
 * Decides from the disk which segments of a source are sealed and flushed (invariant I2). Every segment passes this
 * gate before it is archived and before it is deleted.
 */
import type { Disk } from '../base/disk/disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { isAtSource } from './at-source.ts';
import { filesAmong } from './recognise-naming.ts';
import { requireIdentity } from './identity.ts';
import { scanSource, type Scan, type ScanOptions } from './scan.ts';
import { compareSegments, type SegmentName } from './segment-name.ts';
import { isReady } from './ready-file.ts';
import type { SegmentNaming } from './naming.ts';
import { statusDirectory, type Source } from './source.ts';
import { readWatermark } from './watermark.ts';

export interface SealedGateOptions {
  readonly disk: Disk;
  readonly source: Source;
  readonly sourceId: string;
  /** Whether the archive has an object of this name. */
  readonly isArchived: (segment: SegmentName) => Promise<boolean>;
}

export class SealedGate {
  readonly #options: SealedGateOptions;
  /** The newest segments of the last scan, newest last. */
  #newest: readonly SegmentName[] = [];
  #trustedWatermark: string | undefined;

  constructor(options: SealedGateOptions) {
    this.#options = options;
  }

  /**
   * The highest segment that is sealed and flushed; undefined when none is. Of a PostgreSQL source not all lower ones
   * are: see `sealedAmong`.
   *
   * @param marking counts as the watermark, for a caller that is writing it at the same time
   */
  async sealedUpTo(marking?: SegmentName): Promise<SegmentName | undefined> {
    const { kind } = this.#options.source.sealedRule;
    if (kind === 'watermark') {
      return this.#belowOpenSegment(await this.#trustworthyWatermark(marking));
    }
    await this.#scan();
    return kind === 'ready' ? this.#newest.at(-1) : this.#oldEnough();
  }

  /** Those of the given segments that are sealed and flushed now, in order. */
  async sealedAmong(segments: readonly SegmentName[]): Promise<readonly SegmentName[]> {
    if (this.#options.source.sealedRule.kind === 'ready') return this.#readyAmong(segments);
    const upTo = await this.sealedUpTo();
    return segments.filter((one) => upTo !== undefined && compareSegments(one, upTo) <= 0);
  }

  async #readyAmong(segments: readonly SegmentName[]): Promise<readonly SegmentName[]> {
    const { disk, source } = this.#options;
    const ready: SegmentName[] = [];
    for (const one of segments) if (await isReady(disk, source, one.name)) ready.push(one);
    return ready;
  }

  /** A log's newest segment is open, so it is not sealed, whatever the watermark says. */
  async #belowOpenSegment(watermark: SegmentName | undefined): Promise<SegmentName | undefined> {
    const { nameOf } = this.#options.source.naming;
    if (watermark === undefined || nameOf === undefined) return watermark;
    if (await this.hasNewer(watermark)) return watermark;
    const number = watermark.number - 1n;
    return number < 0n ? undefined : { number, name: nameOf(number) };
  }

  /** @throws WalqError `segment-not-flushed` unless it is sealed and flushed; `source-unavailable` where unknown */
  async admit(segment: SegmentName): Promise<void> {
    const refusal = (await this.refusals([segment])).get(segment.name);
    if (refusal !== undefined) throw refusal;
  }

  /**
   * As `admit` for many segments, with one read of the source: the failure of each that is refused, by its name.
   *
   * @throws WalqError `source-unavailable`, and others, where nothing is known of any
   */
  async refusals(segments: readonly SegmentName[]): Promise<ReadonlyMap<string, WalqError>> {
    const unknown = await this.#notKnownOld(segments);
    if (unknown.length === 0) return new Map();
    const sealed = new Set((await this.sealedAmong(unknown)).map(({ name }) => name));
    const refused = unknown.filter(({ name }) => !sealed.has(name));
    if (refused.length === 0) return new Map();
    await requireIdentity(this.#options.disk, this.#options.source);
    const refusals = new Map<string, WalqError>();
    for (const one of refused) refusals.set(one.name, await this.#notFlushed(one));
    return refusals;
  }

  async #notFlushed({ name }: SegmentName): Promise<WalqError> {
    const { source } = this.#options;
    if (source.sealedRule.kind === 'ready') {
      return new WalqError('segment-not-flushed', {
        message: `WAL file ${name} of source '${source.name}' is not ready to be archived: there is no ${name}.ready in ${statusDirectory(source)}`,
        hint: `PostgreSQL marks a file when it is ready, and the file may be archived already. To replace a damaged object from a file in pg_wal, rename ${name}.done in that directory to ${name}.ready, then repeat the repair.`,
      });
    }
    const upTo = (await this.sealedUpTo())?.name ?? 'nothing';
    return new WalqError('segment-not-flushed', {
      message: `segment ${name} of source '${source.name}' is not flushed yet (flushed through ${upTo})`,
    });
  }

  /** Leaves out those that are old by the last scan, while its newest segment exists: then the engine still runs on. */
  async #notKnownOld(segments: readonly SegmentName[]): Promise<readonly SegmentName[]> {
    const known = this.#oldEnough();
    const newest = this.#newest.at(-1);
    if (known === undefined || newest === undefined) return segments;
    const unknown = segments.filter((one) => compareSegments(one, known) > 0);
    if (unknown.length === segments.length || !(await this.#isThere(newest))) return segments;
    return unknown;
  }

  /**
   * Whether a segment with a higher number exists. Segments with the highest number of a source are never deleted,
   * however many files have it.
   */
  async hasNewer(segment: SegmentName): Promise<boolean> {
    return (await this.olderAmong([segment])).length > 0;
  }

  /** Those of the given segments that are not of the highest number. */
  async olderAmong(segments: readonly SegmentName[]): Promise<readonly SegmentName[]> {
    const highest = await this.highest();
    const isBelow = (other: SegmentName | undefined) => (one: SegmentName) =>
      other !== undefined && one.number < other.number;
    if (segments.every(isBelow(highest))) return segments;
    // A newer segment may have been created since the last scan.
    await this.#scan();
    return segments.filter(isBelow(this.#newest.at(-1)));
  }

  /** A segment with the highest number: that of the last scan while it exists, otherwise of a new scan. */
  async highest(): Promise<SegmentName | undefined> {
    const known = this.#newest.at(-1);
    if (known !== undefined && (await this.#isThere(known))) return known;
    await this.#scan();
    return this.#newest.at(-1);
  }

  /** For `skip-newest`: the newest segment with enough higher numbers above it, by the last scan. */
  #oldEnough(): SegmentName | undefined {
    const { sealedRule } = this.#options.source;
    return sealedRule.kind === 'skip-newest' ? this.#newest.at(-(sealedRule.count + 1)) : undefined;
  }

  async #trustworthyWatermark(marking?: SegmentName): Promise<SegmentName | undefined> {
    const { disk, source, sourceId } = this.#options;
    const watermark = marking ?? (await readWatermark(disk, source, sourceId));
    if (watermark === undefined) return undefined;
    if (!(await this.#isThere(watermark))) {
      await this.#assertNotAboveAll(watermark);
      if (this.#trustedWatermark !== watermark.name) await this.#assertArchived(watermark);
    }
    this.#trustedWatermark = watermark.name;
    return watermark;
  }

  /** walq keeps the newest segment, so a watermark above every file means that the engine started again. */
  async #assertNotAboveAll(watermark: SegmentName): Promise<void> {
    const highest = await this.highest();
    if (highest === undefined || compareSegments(watermark, highest) <= 0) return;
    await this.#scan();
    const now = this.#newest.at(-1) ?? highest;
    if (compareSegments(watermark, now) <= 0) return;
    throw this.#reset(`the watermark ${watermark.name} is above every file (newest: ${now.name})`);
  }

  async #assertArchived(watermark: SegmentName): Promise<void> {
    if (await this.#options.isArchived(watermark)) return;
    throw this.#reset(
      `the watermark names ${watermark.name}, which is neither at the source nor in the archive`,
    );
  }

  /**
   * Scans the source once for the lowest segments, and remembers the newest. A directory or a socket with a segment's
   * name is not a newer segment. The newest is kept only after that check, because other calls may run at the same time.
   */
  async scan(options: Pick<ScanOptions, 'lowestMax' | 'accept'>): Promise<Scan> {
    const { disk, source } = this.#options;
    const count = source.sealedRule.kind === 'skip-newest' ? source.sealedRule.count : 0;
    const others = new Set<string>();
    for (;;) {
      const counted = withoutNames(source, others);
      const highestMax = count + 1 + others.size;
      const scan = await scanSource(disk, counted, { ...options, highestMax });
      const names = scan.highest.map(({ name }) => name);
      const files = new Set(await filesAmong(disk, source, names));
      // PostgreSQL may keep a `.ready` file of a WAL file that no longer exists.
      if (source.sealedRule.kind === 'ready' || files.size === names.length) {
        this.#newest = scan.highest;
        return scan;
      }
      for (const name of names) if (!files.has(name)) others.add(name);
    }
  }

  async #scan(): Promise<void> {
    await this.scan({ lowestMax: 0 });
  }

  #isThere(segment: SegmentName): Promise<boolean> {
    return isAtSource(this.#options.disk, this.#options.source, segment);
  }

  #reset(why: string): WalqError {
    return new WalqError('source-reset', {
      message: `source '${this.#options.source.name}' is stopped: ${why}`,
    });
  }
}

const withoutNames = (source: Source, others: ReadonlySet<string>): Source => {
  if (others.size === 0) return source;
  const { naming } = source;
  const parse: SegmentNaming['parse'] = (name) =>
    others.has(name) ? undefined : naming.parse(name);
  const isUnrecognised = (name: string): boolean =>
    !others.has(name) && naming.isUnrecognised?.(name) === true;
  return { ...source, naming: { ...naming, parse, isUnrecognised } };
};
