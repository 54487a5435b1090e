/** With `--dry-run`: the state of each segment's object, and what the repair would do. */
import type { CheckedSegment, Repairer, SegmentName, SegmentHealth } from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import type { Call } from '../../command-line/command.ts';
import { showCount } from '../../terminal/human.ts';
import { print, printJson } from '../../terminal/print.ts';
import { showProgress } from '../../terminal/progress.ts';
import type { RepairOptions } from './options.ts';

/** Exit code 1 if the repair would leave a segment unarchived. */
export async function printPlan(
  call: Call<RepairOptions>,
  repairer: Repairer,
  segments: readonly SegmentName[],
): Promise<number> {
  const found: CheckedSegment[] = [];
  const progress = await showProgress({ doing: 'checking', noun: 'segment', quiet: call.json });
  progress.total(segments.length);
  try {
    for await (const checked of repairer.check(segments, call.signal)) {
      progress.advance(checked.segment);
      if (checked.health.kind !== 'sound') found.push(checked);
    }
  } finally {
    progress.stop();
  }
  const plans = found.map(({ segment, health }) => planFor(call.options, segment, health));
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

function planFor({ replaceCorrupt }: RepairOptions, segment: string, health: SegmentHealth): Plan {
  if (health.kind === 'absent') {
    return {
      segment,
      object: 'absent',
      does: 'archive',
      says: 'missing in the archive: would archive it',
      succeeds: true,
    };
  }
  if (health.kind === 'sound') throw new TypeError(`${segment} needs no plan`);
  const { code, message, hint } = health.failure;
  const isGrown = code === 'segment-grew';
  const replaces =
    health.kind === 'damaged'
      ? replaceCorrupt !== undefined
      : isGrown && typeof replaceCorrupt === 'string';
  const why = health.kind === 'damaged' ? 'does not decode' : message;
  return {
    segment,
    object: isGrown ? 'grown' : health.kind,
    does: replaces ? 'replace' : 'nothing',
    says: `${why}: ${replaces ? 'would replace it' : leaving[health.kind]}`,
    code,
    ...(!replaces && { hint }),
    succeeds: replaces,
  };
}

const leaving = {
  damaged: 'would leave it unchanged',
  differs: 'would leave the object unchanged and quarantine the segment',
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
  const of = (kept: (plan: Plan) => boolean): number => plans.filter(kept).length;
  const counts = [
    [of(({ does }) => does === 'archive'), 'to archive'],
    [of(({ does }) => does === 'replace'), 'to replace'],
    [of(({ succeeds }) => !succeeds), 'would fail'],
  ] as const;
  const shown = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}, `);
  const sound = segments.length - plans.length;
  await print(`${showCount(segments.length, 'segment')} checked: ${shown.join('')}${sound} sound`);
}
