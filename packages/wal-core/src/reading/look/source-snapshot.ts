/**
 * One source and its archive at one moment. `walq status`, the metrics, the archive page and `walq repair`
 * all read this, and `diskConditions` says of it what is wrong, so that no two of them disagree.
 */
import { toFailureRecord, type FailureRecord } from '../../base/failure/walq-error.ts';
import { withNames } from '../../base/failure/advice.ts';
import type { Inspector } from './inspector.ts';
import type { SourceLook } from './source-look.ts';
import { untilStalled, type StallPlace } from './stall.ts';

export type SourceSnapshot =
  | {
      readonly source: string;
      readonly look: SourceLook;
      readonly failure: null;
      readonly failingSince: null;
    }
  | {
      readonly source: string;
      readonly look: null;
      /** Why the source or its archive cannot be looked at. */
      readonly failure: FailureRecord;
      /** When looking began to fail, ISO 8601, as far as this process knows. */
      readonly failingSince: string;
    };

type Looker = Pick<Inspector, 'look'>;

export interface RunningLook {
  /** What is known first: the result, or that a disk does not answer. Never rejects. */
  readonly first: Promise<SourceSnapshot>;
  /** The result, whenever the disk answers. Never rejects. */
  readonly result: Promise<SourceSnapshot>;
}

/** `before` is the previous snapshot of this source. */
export function startLook(
  place: StallPlace,
  inspector: Looker,
  before?: SourceSnapshot,
): RunningLook {
  const { name } = place.source;
  const ended = new AbortController();
  const result = takeSnapshot(name, inspector, before).finally(() => ended.abort());
  const stalled = untilStalled(place, ended.signal).then((failure) =>
    failure === undefined ? result : failing(name, failure, before),
  );
  return { first: Promise.race([result, stalled]), result };
}

async function takeSnapshot(
  source: string,
  inspector: Looker,
  before: SourceSnapshot | undefined,
): Promise<SourceSnapshot> {
  const startedAt = new Date().toISOString();
  try {
    return { source, look: await inspector.look(), failure: null, failingSince: null };
  } catch (error) {
    return failing(source, error, before, startedAt);
  }
}

const failing = (
  source: string,
  error: unknown,
  before: SourceSnapshot | undefined,
  at = new Date().toISOString(),
): SourceSnapshot => ({
  source,
  look: null,
  failure: toFailureRecord(withNames(error, { source })),
  failingSince: before?.failingSince ?? at,
});
