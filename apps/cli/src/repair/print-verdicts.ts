/** With `--dry-run`: what stands in the archive of each segment, and what would be done. */
import type { JudgedSegment, Repairer, SegmentName } from '@walq/wal-core';
import type { Call } from '../command.ts';
import { showCount } from '../terminal/human.ts';
import { print, printJson } from '../terminal/print.ts';
import { printable } from '../terminal/printable.ts';
import { showProgress } from '../terminal/progress.ts';
import type { RepairOptions } from './action.ts';

/** Whether an object that is sound equals its source the archiving itself finds out. */
const plans = {
  absent: 'missing: would archive it',
  sound: 'there and sound',
  damaged: 'does not decode: would replace it',
} as const;

export async function printVerdicts(
  call: Call<RepairOptions>,
  repairer: Repairer,
  segments: readonly SegmentName[],
): Promise<number> {
  const found: JudgedSegment[] = [];
  const progress = await showProgress({ doing: 'looking', noun: 'segment', quiet: call.json });
  progress.total(segments.length);
  try {
    for await (const judged of repairer.judge(segments, call.signal)) {
      progress.advance();
      if (judged.verdict.kind !== 'sound') found.push(judged);
    }
  } finally {
    progress.stop();
  }
  await (call.json
    ? printJson(asJson(repairer, segments, found))
    : printPlan(call, segments, found));
  return 0;
}

const asJson = (
  { source }: Repairer,
  segments: readonly SegmentName[],
  found: readonly JudgedSegment[],
) => ({
  source: source.name,
  dryRun: true,
  segments: segments.length,
  found: found.map(({ segment, verdict }) => ({ segment, object: verdict.kind })),
});

async function printPlan(
  { options }: Call<RepairOptions>,
  segments: readonly SegmentName[],
  found: readonly JudgedSegment[],
): Promise<void> {
  for (const { segment, verdict } of found) {
    const isLeft = verdict.kind === 'damaged' && options.replaceCorrupt === undefined;
    const plan = isLeft ? 'does not decode: would leave it' : plans[verdict.kind];
    await print(`${printable(segment)}  ${plan}`);
  }
  const sound = segments.length - found.length;
  await print(`${showCount(segments.length, 'segment')} looked at: ${sound} ${plans.sound}`);
}
