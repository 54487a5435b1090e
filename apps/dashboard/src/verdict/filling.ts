/** Filesystems that are full soon, each once, whatever sources and archives it holds. */
import { showSpan } from '@walq/wal-core/internal';
import { isOfKind, type Judged, type SourceReason } from './judge-source.ts';

const FULL_SOON_S = 4 * 3_600;
const FULL_VERY_SOON_S = 3_600;

export interface Filling {
  readonly sources: readonly string[];
  /** Such as `the source and the archive`. */
  readonly places: string;
  readonly fullInS: number;
}

/** Those that fill, the first that is full first. */
export function fillingOf(sources: readonly Judged[]): Filling[] {
  const found = new Map<string, { names: Set<string>; places: Set<string>; fullInS: number }>();
  for (const { name, disks } of sources) {
    for (const { place, filesystem, fullInS } of disks) {
      if (typeof fullInS !== 'number') continue;
      const key = filesystem ?? `${place} ${name}`;
      const known = found.get(key) ?? { names: new Set(), places: new Set(), fullInS };
      known.names.add(name);
      known.places.add(`the ${place}`);
      found.set(key, { ...known, fullInS: Math.min(known.fullInS, fullInS) });
    }
  }
  return [...found.values()]
    .map(({ names, places, fullInS }) => ({
      sources: [...names],
      places: [...places].toSorted().toReversed().join(' and '),
      fullInS,
    }))
    .toSorted((a, b) => a.fullInS - b.fullInS);
}

/** What is full already is a condition of its source. */
export function judgeFilling(sources: readonly Judged[]): SourceReason[] {
  const notFull = sources.filter((one) => !isOfKind(one, 'archive-full', 'source-full'));
  return fillingOf(notFull)
    .filter(({ fullInS }) => fullInS <= FULL_SOON_S)
    .map(({ sources: names, places, fullInS }) => ({
      level: fullInS < FULL_VERY_SOON_S ? 'critical' : 'warning',
      sources: names,
      message: `The filesystem of ${places} is full in ${showSpan(fullInS * 1_000)}`,
      hint: 'Make room there, add workers, or slow the writers.',
      since: null,
      cause: `filling ${places} ${names.join(' ')}`,
    }));
}
