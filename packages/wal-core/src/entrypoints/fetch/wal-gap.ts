/** Why PostgreSQL must not be told that a WAL file is missing: which WAL is, and what to do. */
import { WalqError } from '../../base/failure/walq-error.ts';
import type { KnownGap } from '../../archive/acknowledged-gaps.ts';
import { listGaps } from '../../reading/list-gaps.ts';
import type { GapPlace } from '../../reading/gap-rules.ts';
import { positionOf } from '../../source/gaps.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import { isOnPart, segmentOnPath } from '../../archive/timelines.ts';
import { TimelineReader } from '../../archive/read-timelines.ts';

const WAY_OUT =
  'PostgreSQL would end its recovery here, and lose what follows. Look for the missing files in pg_wal of the old primary and of its standbys: put them into pg_wal of this server, and start it again.';
const LICENCE = 'To end recovery here on purpose: walq wal-fetch --allow-gap %f "%p".';

export interface FoundGap extends GapPlace {
  readonly absent: SegmentName;
  /** What proves that WAL goes on, in words. */
  readonly later: string;
}

export async function walGap({ absent, later, ...place }: FoundGap): Promise<WalqError> {
  const where = `${absent.name} is not in the archive ${place.store.url}`;
  if (absent.name.endsWith('.history')) {
    return new WalqError('wal-gap', {
      message: `${where}, and ${later}: PostgreSQL would not follow that timeline`,
      hint: `Archive the history file: pg_wal of a server on that timeline has it. Or name the timeline, recovery_target_timeline. ${LICENCE}`,
    });
  }
  const gap = await gapAround(place, absent);
  return new WalqError('wal-gap', {
    message: `${where}, and ${later}: ${gap ?? 'WAL may be missing here'}`,
    hint: `${WAY_OUT} ${LICENCE}`,
  });
}

/** As `walq verify` and `walq repair` report it; undefined for WAL in front of all that the archive holds. */
async function gapAround(place: GapPlace, absent: SegmentName): Promise<string | undefined> {
  const { store, source, naming } = place;
  const { rule } = naming;
  if (rule.kind !== 'postgres') return undefined;
  const { timelines } = await new TimelineReader(store, source).read(naming);
  for (const gap of await listGaps({ ...place, consecutive: true, atSource: [] })) {
    const [after, before] = [naming.parse(gap.after), naming.parse(gap.before)];
    if (after === undefined || before === undefined) continue;
    const path = timelines.pathTo(before.timeline ?? '');
    const bounds = { first: positionOf(after) + 1n, last: positionOf(before) - 1n };
    const at = positionOf(absent);
    const isOnWay = segmentOnPath(path, at, rule.segmentBytes) === absent.name;
    if (!isOnWay || !isOnPart(bounds, at)) continue;
    const nameAt = (position: bigint) => segmentOnPath(path, position, rule.segmentBytes);
    return describe(gap, nameAt(bounds.first), nameAt(bounds.last));
  }
  return undefined;
}

function describe({ after, before, missing, acknowledged }: KnownGap, first: string, last: string) {
  const what =
    missing === 1 ? `${first} is missing` : `${missing} segments are missing, ${first} to ${last},`;
  const known =
    acknowledged === null
      ? ''
      : ` (acknowledged by ${acknowledged.by}: ${acknowledged.reason}; that does not let a recovery end there)`;
  return `${what} between ${after} and ${before}${known}`;
}
