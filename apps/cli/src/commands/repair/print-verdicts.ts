/** With `--dry-run`: what stands in the archive of each segment, and what would be done. */
import type { CheckedSegment, Repairer, SegmentName, SegmentHealth } from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import type { Call } from '../../command-line/command.ts';
import { showCount } from '../../terminal/human.ts';
import { print, printJson } from '../../terminal/print.ts';
import { showProgress } from '../../terminal/progress.ts';
import type { RepairOptions } from './options.ts';

/** Exit code 1 where the repair itself would leave a segment unarchived. */
export async function printVerdicts(
  call: Call<RepairOptions>,
  repairer: Repairer,
  segments: readonly SegmentName[],
): Promise<number> {
  const found: CheckedSegment[] = [];
  const progress = await showProgress({ doing: 'looking', noun: 'segment', quiet: call.json });
  progress.total(segments.length);
  try {
    for await (const judged of repairer.judge(segments, call.signal)) {
      progress.advance(judged.segment);
      if (judged.verdict.kind !== 'sound') found.push(judged);
    }
  } finally {
    progress.stop();
  }
  const plans = found.map(({ segment, verdict }) => planFor(call.options, segment, verdict));
  const isWhole = plans.every(({ succeeds }) => succeeds);
  await (call.json ? printJson(asJson(repairer, segments, plans)) : printPlans(segments, plans));
  return isWhole ? 0 : 1;
}

interface Plan {
  readonly segment: string;
  readonly object: SegmentHealth['kind'] | 'grown';
  readonly does: 'archive' | 'replace' | 'nothing';
  readonly says: string;
  readonly code?: string;
  readonly hint?: string;
  readonly succeeds: boolean;
}

function planFor({ replaceCorrupt }: RepairOptions, segment: string, verdict: SegmentHealth): Plan {
  if (verdict.kind === 'absent') {
    return {
      segment,
      object: 'absent',
      does: 'archive',
      says: 'missing: would archive it',
      succeeds: true,
    };
  }
  if (verdict.kind === 'sound') throw new TypeError(`${segment} needs no plan`);
  const { code, message, hint } = verdict.failure;
  const isGrown = code === 'segment-grew';
  const replaces =
    verdict.kind === 'damaged'
      ? replaceCorrupt !== undefined
      : isGrown && typeof replaceCorrupt === 'string';
  const why = verdict.kind === 'damaged' ? 'does not decode' : message;
  return {
    segment,
    object: isGrown ? 'grown' : verdict.kind,
    does: replaces ? 'replace' : 'nothing',
    says: `${why}: ${replaces ? 'would replace it' : leaving[verdict.kind]}`,
    code,
    ...(!replaces && { hint }),
    succeeds: replaces,
  };
}

const leaving = {
  damaged: 'would leave it',
  differs: 'would leave the object, and quarantine the segment',
  refused: 'would not archive it',
} as const;

const asJson = (
  { source }: Repairer,
  segments: readonly SegmentName[],
  found: readonly Plan[],
) => ({
  source: source.name,
  dryRun: true,
  segments: segments.length,
  found: found.map(({ segment, object, does, code }) => ({ segment, object, does, code })),
});

async function printPlans(segments: readonly SegmentName[], plans: readonly Plan[]): Promise<void> {
  for (const { segment, says, hint } of plans) {
    await print(`${printable(segment)}  ${printable(says)}`);
    if (hint !== undefined) await print(`  hint: ${printable(hint)}`);
  }
  const sound = segments.length - plans.length;
  await print(
    `${showCount(segments.length, 'segment')} looked at: ${sound} there, sound and equal to the source`,
  );
}
