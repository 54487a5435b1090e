/** The prune floor, as the records in the archive say: walq's own reader is not asked. */
import type { Source } from '@walq/wal-core/internal';
import type { SimulatedFilesystem } from '@walq/conformance';
import { contentAt, durableContentAt, durableNamesAt, namesAt } from './peek.ts';

type NamesAt = (filesystem: SimulatedFilesystem, path: string) => readonly string[];
type ContentAt = (filesystem: SimulatedFilesystem, path: string) => Buffer | undefined;

/** The number of the first segment that is kept, as everybody sees it now; 0 where all are. */
export const floorOf = (archive: SimulatedFilesystem, source: Source): number =>
  highest(archive, source, namesAt, contentAt);

/** The same after a power cut that leaves nothing but what has to be left. */
export const durableFloorOf = (archive: SimulatedFilesystem, source: Source): number =>
  highest(archive, source, durableNamesAt, durableContentAt);

function highest(
  archive: SimulatedFilesystem,
  { name }: Source,
  names: NamesAt,
  content: ContentAt,
): number {
  const folder = `/store/${name}/_walq/floors`;
  const records = names(archive, folder).filter((one) => one.endsWith('.json'));
  return Math.max(0, ...records.map((one) => numberIn(content(archive, `${folder}/${one}`))));
}

export function numberIn(record: Buffer | undefined): number {
  const said = /"number":"(?<number>\d+)"/.exec(record?.toString() ?? '');
  return Number(said?.groups?.['number'] ?? 0);
}
