import {
  listArchive,
  nodeDisk,
  openManifestIndex,
  type ArchivedSegment,
  type SegmentRange,
} from '@walq/wal-core/internal';
import { cacheDirectory } from '@walq/config';
import {
  archivedSources,
  segmentOf,
  type ArchivedSource,
  type ArchiveOptions,
} from '../sources/archived-sources.ts';
import { archiveOption } from '../command-line/arguments.ts';
import type { Call, CliCommand } from '../command-line/command.ts';
import { saveIndex } from '../terminal/notes.ts';
import { showBytes, showRatio } from '../terminal/human.ts';
import { printErrorLines, printJsonArray, printLines } from '../terminal/print.ts';
import { tableLines } from '../terminal/table.ts';
import { renderFailure } from '../terminal/render-failure.ts';

export interface RangeOptions extends ArchiveOptions {
  readonly from?: string;
  readonly until?: string;
}

export const command: CliCommand<RangeOptions> = {
  examples: ['walq list', 'walq list orders --archive /srv/wal-archive --json'],

  define(program) {
    program
      .argument('[source]', 'only this source')
      .addOption(archiveOption())
      .option('--from <segment>', 'the first segment, inclusive')
      .option('--until <segment>', 'the last segment, inclusive');
  },

  async run(call) {
    const sources = await archivedSources(call, call.args[0]);
    const listing = new Listing(call);
    if (call.json) await printJsonArray(listing.of(sources));
    else await printPieces(listing.of(sources));
    return listing.unreadableCount === 0 ? undefined : 1;
  },
};

/** Reads the archives; what cannot be read there is said, and others go on. */
class Listing {
  unreadableCount = 0;
  readonly #call: Call<RangeOptions>;

  constructor(call: Call<RangeOptions>) {
    this.#call = call;
  }

  async *of(sources: readonly ArchivedSource[]): AsyncGenerator<ArchivedSegment> {
    for (const source of sources) yield* this.#ofSource(source);
  }

  async *#ofSource({ store, name, naming }: ArchivedSource): AsyncGenerator<ArchivedSegment> {
    const index = await openManifestIndex(nodeDisk, cacheDirectory(), store.url, name);
    const range = rangeOf({ name, naming }, this.#call.options);
    const onUnreadable = (_: unknown, failure: Error) => {
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

const columns = [
  { heading: 'SOURCE' },
  { heading: 'SEGMENT' },
  { heading: 'BYTES', align: 'right' },
  { heading: 'STORED', align: 'right' },
  { heading: 'RATIO', align: 'right' },
  { heading: 'ARCHIVED' },
] as const;

/** Aligned together, so that memory does not grow with the archive. */
const TABLE_ROWS = 1000;

async function printPieces(segments: AsyncIterable<ArchivedSegment>): Promise<void> {
  let rows: string[][] = [];
  for await (const segment of segments) {
    rows.push(rowOf(segment));
    if (rows.length < TABLE_ROWS) continue;
    await printLines(tableLines(columns, rows));
    rows = [];
  }
  if (rows.length > 0) await printLines(tableLines(columns, rows));
}

const rowOf = (segment: ArchivedSegment): string[] => [
  segment.source,
  segment.segment,
  showBytes(segment.bytes),
  showBytes(segment.objectBytes),
  showRatio(segment.objectBytes === 0 ? 0 : segment.bytes / segment.objectBytes),
  segment.archivedAt,
];
