/** How fast segments arrive and are archived, from successive looks at disk and archive. */
import type { SourceFigures } from '@walq/wal-core/internal';

export interface Rates {
  readonly arrivalSegments: number;
  readonly archiveSegments: number;
}

type Counted = Pick<
  SourceFigures,
  'takenAt' | 'dueSegments' | 'archivedSegments' | 'quarantinedSegments'
>;

/** Two looks that are closer together tell nothing. */
const SPAN_MS_MIN = 4_000;

/**
 * Segments a second between the first and the last of some looks, which are in order; null before two. What
 * is taken from the archive, by a person or by retention, is no negative rate.
 */
export function ratesOf(looks: readonly Counted[]): Rates | null {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined) return null;
  const spanMs = Date.parse(last.takenAt) - Date.parse(first.takenAt);
  if (spanMs < SPAN_MS_MIN) return null;
  const perSecond = (count: number): number => Math.max(0, count) / (spanMs / 1_000);
  return {
    arrivalSegments: perSecond(allOf(last) - allOf(first)),
    archiveSegments: perSecond(last.archivedSegments - first.archivedSegments),
  };
}

const allOf = ({ dueSegments, archivedSegments, quarantinedSegments }: Counted): number =>
  dueSegments + archivedSegments + quarantinedSegments;

/** Seconds until a backlog is gone; 'never' when as much arrives as is archived. */
export function drainedInS(backlog: number, rates: Rates | null): number | 'never' | null {
  if (backlog === 0) return 0;
  if (rates === null) return null;
  const net = rates.archiveSegments - rates.arrivalSegments;
  return net > 0 ? backlog / net : 'never';
}
