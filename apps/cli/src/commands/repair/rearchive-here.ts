/** Archives again in this process; roles may run at the same time. */
import {
  createThreadPool,
  isArchived,
  nodeDisk,
  processName,
  Repairer,
  summarize,
  type ArchiveDueOptions,
  type BatchReport,
  type SegmentName,
  type SegmentReport,
  type WalqError,
} from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import { segmentOf, type ArchivedSource } from '../../sources/archived-sources.ts';
import type { Call } from '../../command-line/command.ts';
import { noteUnmeasured, noteUnused } from '../../terminal/notes.ts';
import { renderFailure } from '../../terminal/render-failure.ts';
import { showCount } from '../../terminal/human.ts';
import { printErrorLines, print, printJson } from '../../terminal/print.ts';
import { showProgress } from '../../terminal/progress.ts';
import { type RepairOptions, oneSource } from './options.ts';
import { printPlan } from './print-plan.ts';
import { whoRepairs } from '../../sources/owner.ts';

interface Replaced {
  readonly segment: string;
  readonly aside: string;
}

/** Exit code 1 if a segment is not in the archive afterwards. */
export async function rearchiveHere(call: Call<RepairOptions>): Promise<number> {
  const archived = await oneSource(call);
  const { wal, compression } = await call.loadConfig();
  const threads = createThreadPool({
    parallelism: call.options.concurrency ?? wal.archiveParallelism,
    nice: wal.archiveNice,
  });
  try {
    const repairer = await Repairer.open({
      ...placeOf(archived),
      threads,
      level: compression.level,
      onLevel: noteUnmeasured,
      dictionary: compression.dictionary,
      onDictionary: noteUnused,
      conservative: wal.conservativeMode,
    });
    const segments = await chosen(call, repairer);
    if (call.options.dryRun === true) return await printPlan(call, repairer, segments);
    return await rearchive(call, repairer, segments);
  } finally {
    await threads.close();
  }
}

function placeOf({ source, store }: ArchivedSource) {
  if (source === undefined) throw new TypeError('a source to archive from is configured');
  const worker = processName();
  return { disk: nodeDisk, source, store, worker, by: whoRepairs() };
}

async function chosen(
  { options }: Call<RepairOptions>,
  repairer: Repairer,
): Promise<readonly SegmentName[]> {
  const { replaceCorrupt } = options;
  if (typeof replaceCorrupt === 'string') return [segmentOf(repairer.source, replaceCorrupt)];
  return repairer.segments();
}

async function rearchive(
  call: Call<RepairOptions>,
  repairer: Repairer,
  segments: readonly SegmentName[],
): Promise<number> {
  const { replaceCorrupt, takeOver, rearchive: isWhole } = call.options;
  const startedMs = performance.now();
  const replaced: Replaced[] = [];
  const reports = await withProgress(call, (options) => {
    const run = {
      ...options,
      replaceCorrupt: replaceCorrupt !== undefined,
      // A file may still be growing, so only a file that the operator names counts as complete.
      replaceGrown: typeof replaceCorrupt === 'string',
      takeOver: takeOver === true,
      onReplaced: (segment: string, aside: string) => void replaced.push({ segment, aside }),
    };
    return isWhole ? repairer.rearchiveAll(segments, run) : repairer.rearchive(segments, run);
  });
  const report = summarize(reports, Math.round(performance.now() - startedMs));
  const source = repairer.source.name;
  if (call.json) await printJson({ source, dryRun: false, replaced, ...report });
  else await printReport(report, replaced);
  return report.successCount === report.filesCount ? 0 : 1;
}

async function withProgress<T>(
  call: Call<RepairOptions>,
  work: (options: ArchiveDueOptions) => Promise<T>,
): Promise<T> {
  const progress = await showProgress({ doing: 'repairing', noun: 'segment', quiet: call.json });
  const onSegment = ({ segment }: SegmentReport, failure?: WalqError): void => {
    progress.advance(segment);
    if (failure !== undefined) printErrorLines(renderFailure(failure, call));
  };
  try {
    return await work({
      signal: call.signal,
      onStart: (count) => progress.total(count),
      onSegment,
    });
  } finally {
    progress.stop();
  }
}

async function printReport(report: BatchReport, replaced: readonly Replaced[]): Promise<void> {
  for (const { segment, aside } of replaced) {
    await print(`replaced the object of ${printable(segment)}; it is kept as ${printable(aside)}`);
  }
  const names = new Set(replaced.map(({ segment }) => segment));
  const sound = report.files.filter(isArchived);
  const fixed = sound.filter(({ segment }) => names.has(segment)).length;
  if (fixed === report.filesCount && fixed > 0) {
    return print(`${showCount(fixed, 'segment')} replaced and verified`);
  }
  const archived = sound.filter(
    ({ segment, outcome }) => outcome === 'archived' && !names.has(segment),
  ).length;
  const proved = sound.length - archived - fixed;
  const failed = report.filesCount - sound.length;
  const counts = [
    ...(fixed > 0 ? [`${fixed} replaced`] : []),
    `${archived} archived`,
    `${proved} verified`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  await print(`${showCount(report.filesCount, 'segment')}: ${counts.join(', ')}`);
}
