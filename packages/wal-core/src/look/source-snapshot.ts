/**
 * One source and its archive at one moment. `walq status`, the metrics, the archive page and `walq repair`
 * all read this, and `diskConditions` says of it what is wrong, so that no two of them disagree.
 */
import { toFailureRecord, type FailureRecord } from '../failure/index.ts';
import type { Inspector } from './inspector.ts';
import type { SourceLook } from './source-look.ts';

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

/** Never rejects. `before` is the previous snapshot of this source. */
export async function takeSnapshot(
  source: string,
  inspector: Pick<Inspector, 'look'>,
  before?: SourceSnapshot,
): Promise<SourceSnapshot> {
  const now = new Date().toISOString();
  try {
    return { source, look: await inspector.look(), failure: null, failingSince: null };
  } catch (error) {
    const failingSince = before?.failingSince ?? now;
    return { source, look: null, failure: toFailureRecord(error), failingSince };
  }
}
