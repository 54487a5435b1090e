import {
  listArchive,
  nodeDisk,
  openManifestIndex,
  type ArchivedSegment,
  type SegmentRange,
} from '@walq/wal-core/internal';
import { cacheDirectory } from '@walq/config/values';
import {
  archivedSources,
  segmentOf,
  type ArchivedSource,
  type ArchiveOptions,
} from '../sources/archived-sources.ts';
import { archiveOption, integerBetween } from '../command-line/arguments.ts';
import type { Call, CliCommand } from '../command-line/command.ts';
import { saveIndex } from '../terminal/notes.ts';
import { showBytes, showCount, showRatio } from '../terminal/human.ts';
import { note, print, printErrorLines, printJsonArray, printLines } from '../terminal/print.ts';
import { printable } from '@walq/wal-core/printable';
import { bytesColumn, tableLines } from '../terminal/table.ts';
import { renderFailure } from '../terminal/render-failure.ts';

export interface RangeOptions extends ArchiveOptions {
  readonly from?: string;
  readonly until?: string;
}

interface ListOptions extends RangeOptions {
  readonly limit?: number;
}

/** Segments of a source that a terminal shows without `--limit`. */
const TERMINAL_ROWS = 50;

export const command: CliCommand<ListOptions> = {
  examples: [
    'walq list',
    'walq list orders --limit 1000',
    'walq list orders --archive /srv/wal-archive --json',
  ],

  define(program) {
    program
      .argument('[source]', 'only this source')
      .addOption(archiveOption())
      .option('--from <segment>', 'the first segment, inclusive')
      .option('--until <segment>', 'the last segment, inclusive')
      .option(
        '--limit <n>',
        `the newest n segments of a source (default: ${TERMINAL_ROWS} at a terminal, else all)`,
        integerBetween(0, 1_000_000),
      );
  },

  async run(call) {
    const sources = await archivedSources(call, call.args[0]);
    const listing = new Listing(call);
    if (call.json) await printJsonArray(listing.of(sources));
    else await printSources(call, listing, sources);
    return listing.unreadableCount === 0 ? undefined : 1;
  },
};

/** Reads the archives; each segment that cannot be read is reported, and the others are listed. */
class Listing {
  unreadableCount = 0;
  readonly #call: Call<ListOptions>;

  constructor(call: Call<ListOptions>) {
    this.#call = call;
  }

  async *of(sources: readonly ArchivedSource[]): AsyncGenerator<ArchivedSegment> {
    const { limit } = this.#call.options;
    for (const source of sources) {
      yield* limit === undefined
        ? this.ofSource(source)
        : (await summarize(this.ofSource(source), limit)).newest;
    }
  }

  async *ofSource(
    { store, name, naming }: ArchivedSource,
    reportUnreadable = true,
  ): AsyncGenerator<ArchivedSegment> {
    const index = await openManifestIndex(nodeDisk, cacheDirectory(), store.url, name);
    const range = rangeOf({ name, naming }, this.#call.options);
    const onUnreadable = (_: unknown, failure: Error) => {
      if (!reportUnreadable) return;
      this.unreadableCount += 1;
      printErrorLines(renderFailure(failure, this.#call));
    };
    for await (const segment of listArchive({
      store,
      source: name,
      naming,
      range,
      index,
      onUnreadable,
    })) {
      this.#call.signal.throwIfAborted();
      yield segment;
    }
    await saveIndex(index);
  }
}

/** The bounds that were given. */
export function rangeOf(
  source: Pick<ArchivedSource, 'name' | 'naming'>,
  { from, until }: RangeOptions,
): SegmentRange {
  return {
    ...(from === undefined ? {} : { from: segmentOf(source, from) }),
    ...(until === undefined ? {} : { until: segmentOf(source, until) }),
  };
}

/** A summary and the newest segments. Without a limit the segments are read a second time, now from the index. */
async function printSources(
  call: Call<ListOptions>,
  listing: Listing,
  sources: readonly ArchivedSource[],
): Promise<void> {
  const limit = call.options.limit ?? (process.stdout.isTTY ? TERMINAL_ROWS : undefined);
  for (const [at, source] of sources.entries()) {
    if (at > 0) await print('');
    const summary = await summarize(listing.ofSource(source), limit ?? 0);
    await printLines(summaryLines(source.name, summary));
    if (limit === undefined) await printPieces(listing.ofSource(source, false));
    else {
      await printLines(tableOf(summary.newest));
      noteRest(summary.count - summary.newest.length);
    }
  }
}

function noteRest(count: number): void {
  if (count === 0) return;
  note(
    `${showCount(count, 'older segment')} not shown: list more with --limit, or a part with --until`,
  );
}

interface Summary {
  readonly count: number;
  readonly bytes: number;
  readonly objectBytes: number;
  readonly first: ArchivedSegment | undefined;
  readonly last: ArchivedSegment | undefined;
  /** The latest time at which one of them was archived. */
  readonly archivedAt: string;
  /** The `limit` highest segments. */
  readonly newest: readonly ArchivedSegment[];
}

async function summarize(
  segments: AsyncIterable<ArchivedSegment>,
  limit: number,
): Promise<Summary> {
  let [count, bytes, objectBytes, archivedAt] = [0, 0, 0, ''];
  let first: ArchivedSegment | undefined;
  let last: ArchivedSegment | undefined;
  let newest: ArchivedSegment[] = [];
  for await (const segment of segments) {
    count += 1;
    bytes += segment.bytes;
    objectBytes += segment.objectBytes;
    if (segment.archivedAt > archivedAt) archivedAt = segment.archivedAt;
    first ??= segment;
    last = segment;
    newest.push(segment);
    if (newest.length > 2 * limit) newest = newest.slice(newest.length - limit);
  }
  newest = limit === 0 ? [] : newest.slice(-limit);
  return { count, bytes, objectBytes, archivedAt, first, last, newest };
}

function summaryLines(name: string, summary: Summary): string[] {
  const { count, bytes, objectBytes, first, last, archivedAt } = summary;
  const counted = `${name}: ${showCount(count, 'segment')}`;
  if (first === undefined || last === undefined) return [counted];
  const ratio = showRatio(objectBytes === 0 ? 0 : bytes / objectBytes);
  return [
    `${counted}, ${showBytes(bytes)} stored in ${showBytes(objectBytes)} (${ratio})`,
    `${printable(first.segment)} to ${printable(last.segment)}, last archived at ${archivedAt}`,
  ];
}

/** Rows that are aligned together. The limit bounds the memory. */
const TABLE_ROWS = 1000;

async function printPieces(segments: AsyncIterable<ArchivedSegment>): Promise<void> {
  let rows: ArchivedSegment[] = [];
  for await (const segment of segments) {
    rows.push(segment);
    if (rows.length < TABLE_ROWS) continue;
    await printLines(tableOf(rows));
    rows = [];
  }
  await printLines(tableOf(rows));
}

function tableOf(segments: readonly ArchivedSegment[]): string[] {
  if (segments.length === 0) return [];
  return tableLines(
    [
      { heading: 'SOURCE' },
      { heading: 'SEGMENT' },
      bytesColumn(
        'BYTES',
        segments.map(({ bytes }) => bytes),
      ),
      bytesColumn(
        'STORED',
        segments.map(({ objectBytes }) => objectBytes),
      ),
      { heading: 'RATIO', align: 'right' },
      { heading: 'ARCHIVED' },
    ],
    segments.map(({ source, segment, bytes, objectBytes, archivedAt }) => [
      source,
      segment,
      bytes,
      objectBytes,
      showRatio(objectBytes === 0 ? 0 : bytes / objectBytes),
      archivedAt,
    ]),
  );
}
