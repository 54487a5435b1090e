/**
 * Takes snapshots of a source and its archive, again and again, for status, metrics and the archive page. It changes
 * nothing
 * and does not use Redis.
 *
 * The source is read before the archive: a segment that is archived and deleted during the snapshot is seen twice
 * rather
 * than never, so no gap is reported that does not exist. What arrived after a snapshot started appears in the next
 * one.
 */
import type { Disk } from '../../base/disk/disk.ts';
import { listCorruptObjects } from '../checks/corrupt-objects.ts';
import { createDueView, type DueView } from '../due-view.ts';
import { isWithin, type SegmentRange } from '../keys-in-order.ts';
import { readGapRules } from '../gap-rules.ts';
import { openSource, type OpenSource } from '../../pipeline/open-source.ts';
import { findRefusal } from '../../source/push-refusal.ts';
import { isUnfinished, listRepairs, type Repair } from '../../archive/repairs.ts';
import { listQuarantine, quarantinedBy, type ListedRecord } from '../../archive/quarantine.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import type { Source } from '../../source/source.ts';
import { gapsOf, type Span } from '../spans/span-list.ts';
import type { SpanFinderOptions } from '../spans/span-finder.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { TimelineReader } from '../../archive/read-timelines.ts';
import {
  passArchive,
  segmentsAtSource,
  withLost,
  reliableUpTo,
  type ArchivePass,
} from './archive-pass.ts';
import { measureBacklog, unflushedOf } from './backlog.ts';
import { RecentObjects } from './recent-ratio.ts';
import type { QuarantinedFor, SourceSnapshot } from './source-snapshot.ts';

interface InspectorOptions {
  readonly disk: Disk;
  readonly source: Source;
  readonly store: ArchiveStore;
}

export interface Inspector {
  /** Lists the source and the archive once. Rejects with a `WalqError` when either cannot be read. */
  snapshot(): Promise<SourceSnapshot>;
  /**
   * The spans between two segments, inclusive, as fine as possible. A bound that is absent, or not a segment of this
   * source, is open.
   */
  spans(range: NamedRange): Promise<readonly Span[]>;
}

export interface NamedRange {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

export const createInspector = (options: InspectorOptions): Inspector => new DiskInspector(options);

/** At most this many are checked again; that is enough to report that something is wrong. */
const MISMATCHED_MAX = 1_024;
const MISMATCHED_LISTED_MAX = 64;
/** A replacement that began within this time is probably still running. */
const REPAIR_MS_MAX = 600_000;

interface SourceScan {
  readonly open: OpenSource;
  readonly due: readonly SegmentName[];
  readonly quarantined: readonly ListedRecord[];
  readonly finding: SpanFinderOptions;
  readonly belowFloorAtSource: number;
}

class DiskInspector implements Inspector {
  readonly #options: InspectorOptions;
  readonly #recent: RecentObjects;
  readonly #timelines: TimelineReader;
  /** Found by the previous snapshot. */
  #highestArchived: SegmentName | undefined;
  /** Caches what a kept source has in the archive, while the directory is the same source. */
  #view: { readonly open: OpenSource; readonly due: DueView } | undefined;

  constructor(options: InspectorOptions) {
    this.#options = options;
    this.#recent = new RecentObjects(options.store);
    this.#timelines = new TimelineReader(options.store, options.source.name, options.disk);
  }

  async snapshot(): Promise<SourceSnapshot> {
    const { disk, source, store } = this.#options;
    const takenAt = new Date().toISOString();
    const scan = await this.#scanAll();
    const { open, due, quarantined, spans, archivedSegments, newest, belowFloorAtSource } = scan;
    const mismatched = await this.#mismatched(scan);
    const unfinishedRepairs = await longUnfinished(store, source.name);
    const there = scan.finding.atSource.map(({ segment }) => segment);
    const { ratio, last, levels } = await this.#recent.read(newest);
    const gaps = gapsOf(source.name, spans);
    const openGaps = gaps.filter(({ acknowledged }) => acknowledged === null).length;
    const figures = {
      takenAt,
      type: source.type,
      archive: store.url,
      ...(await measureBacklog(disk, source, due)),
      unflushed: await unflushedOf(disk, open, there),
      archiverBlocked: (await findRefusal(disk, open.source)) ?? null,
      mismatchedSegments: mismatched.length,
      unfinishedRepairs: unfinishedRepairs.length,
      corruptObjects: (await listCorruptObjects(store, source.name)).length,
      archivedSegments,
      lastArchived: last,
      openGaps,
      acknowledgedGaps: gaps.length - openGaps,
      quarantinedSegments: quarantined.length,
      quarantine: byFailure(quarantined),
      lostSegments: quarantined.filter(({ code }) => code === 'segment-lost').length,
      recentRatio: ratio,
      sourceSpace: await disk.space(source.directory).catch(() => null),
      archiveSpace: await store.space(),
    };
    return {
      figures,
      gaps,
      quarantined,
      mismatched: mismatched.slice(0, MISMATCHED_LISTED_MAX),
      unfinishedRepairs,
      recentLevels: levels,
      spans,
      belowFloorAtSource,
    };
  }

  async spans(named: NamedRange): Promise<readonly Span[]> {
    const { finding, open } = await this.#scanSource();
    const range = rangeOf(named, open.source.naming);
    const atSource = finding.atSource.filter(({ segment }) => isWithin(segment, range));
    const bounded = { ...finding, atSource, until: range.until };
    return (await passArchive(archiveOf(open), bounded, { range })).spans;
  }

  /**
   * The first scan learns only at its end how far the archive reaches. Where that is beyond the source, it scans
   * again.
   */
  async #scanAll(): Promise<SourceScan & ArchivePass> {
    const isFirst = this.#highestArchived === undefined;
    const scan = await this.#scanSource();
    // At a source that deletes, a due segment may be in the archive already: its file is deleted next.
    const isKept = scan.open.source.afterArchive === 'keep';
    const asked = new Set(isKept ? scan.due.map(({ name }) => name) : []);
    const pass = await passArchive(archiveOf(scan.open), scan.finding, { asked });
    this.#highestArchived = pass.highest;
    const isAgain = isFirst && isBeyond(pass.highest, scan.finding.reliableUpTo);
    return isAgain ? this.#scanAll() : { ...scan, ...pass };
  }

  /** Leaves out what was archived since the source was read. */
  async #mismatched({ open, found }: SourceScan & ArchivePass): Promise<readonly string[]> {
    if (found.length === 0 || this.#view?.open !== open) return [];
    const due = await this.#view.due.dueAmong(found.slice(0, MISMATCHED_MAX));
    return due.map(({ name }) => name);
  }

  async #scanSource(): Promise<SourceScan> {
    const { disk } = this.#options;
    const { open, due: view } = await this.#opened();
    const { source, store } = open;
    const reliable = await reliableUpTo(disk, source, this.#highestArchived);
    const { due } = await view.scan(Number.MAX_SAFE_INTEGER);
    const quarantined = await listQuarantine(store, source.name);
    const isQuarantined = quarantinedBy(quarantined);
    const there = await segmentsAtSource(disk, source, due, isQuarantined);
    const { consecutive, naming } = source;
    const atSource = consecutive ? there : withLost(there, quarantined, naming);
    const rules = await readGapRules({ store, source: source.name, naming }, this.#timelines);
    const belowFloorAtSource = there.filter(({ segment }) => rules.isBelowFloor(segment)).length;
    const finding = { ...rules, atSource, consecutive, isQuarantined };
    const bounded = { ...finding, ...(reliable && { reliableUpTo: reliable }) };
    return { open, due, quarantined, finding: bounded, belowFloorAtSource };
  }

  async #opened() {
    const open = await openSource({ ...this.#options, registerIfNew: false });
    if (this.#view?.open.sourceId !== open.sourceId) {
      this.#view = { open, due: createDueView(this.#options.disk, open, { recheckMs: 0 }) };
    }
    return this.#view;
  }
}

function byFailure(quarantined: readonly ListedRecord[]): readonly QuarantinedFor[] {
  const found = new Map<string, QuarantinedFor>();
  const oldestFirst = quarantined.toSorted((a, b) => (a.quarantinedAt < b.quarantinedAt ? -1 : 1));
  for (const { code, segment, message, quarantinedAt: since } of oldestFirst) {
    const first = found.get(code) ?? { code, segments: 0, segment, message, since };
    found.set(code, { ...first, segments: first.segments + 1 });
  }
  return [...found.values()];
}

async function longUnfinished(store: ArchiveStore, source: string): Promise<readonly Repair[]> {
  const repairs = (await listRepairs(store, source)).filter(isUnfinished);
  return repairs.filter(
    ({ began }) => Date.now() - Date.parse(began?.at ?? '') >= REPAIR_MS_MAX || began === null,
  );
}

/** Uses the naming of the opened source, which its directory completes. */
function rangeOf({ from, until }: NamedRange, naming: SegmentNaming): SegmentRange {
  const [first, last] = [naming.parse(from ?? ''), naming.parse(until ?? '')];
  return { ...(first && { from: first }), ...(last && { until: last }) };
}

const archiveOf = ({ source, store }: OpenSource) => ({
  store,
  source: source.name,
  naming: source.naming,
});

const isBeyond = (highest: SegmentName | undefined, bound: SegmentName | undefined): boolean =>
  highest !== undefined && (bound === undefined || compareSegments(highest, bound) > 0);
