/** Prints the plan and the result of a prune, as text or JSON. */
import type { PrunePlan, PruneReport, TimelinePlan } from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import { showBytes, showCount } from '../../terminal/human.ts';
import { print } from '../../terminal/print.ts';
import { tableLines } from '../../terminal/table.ts';

const columns = [
  { heading: 'TIMELINE' },
  { heading: 'FLOOR' },
  { heading: 'DELETES', align: 'right' },
  { heading: 'FREES', align: 'right' },
  { heading: 'KEEPS', align: 'right' },
  { heading: 'FROM' },
  { heading: 'UNTIL' },
] as const;

export function planLines({ timelines, floors }: PrunePlan): string[] {
  if (timelines.length === 0) return ['nothing is archived'];
  const lines = tableLines(columns, timelines.map(rowOf));
  return floors.size === 0 ? [...lines, 'nothing is below a floor'] : lines;
}

const rowOf = ({ timeline, floor, deletes, keeps }: TimelinePlan): string[] => [
  timeline ?? '–',
  floor ?? '–',
  String(deletes.files),
  showBytes(deletes.bytes),
  String(keeps.files),
  keeps.first ?? '–',
  keeps.last ?? '–',
];

export const planJson = ({ isRaised, timelines }: PrunePlan) => ({ isRaised, timelines });

export const reportJson = (source: string, report: PruneReport): Record<string, unknown> => {
  const { plan, removed, waiting, waitingUntilMs, held, failed } = report;
  const until = waitingUntilMs === null ? null : new Date(waitingUntilMs).toISOString();
  return { source, ...planJson(plan), removed, waiting: { ...waiting, until }, held, failed };
};

/** At most this many files are named. */
const NAMED_MAX = 20;

export async function printReport(source: string, report: PruneReport): Promise<void> {
  const { removed, waiting, waitingUntilMs, held, failed } = report;
  await print(`${source}: removed ${amount(removed)}`);
  if (waitingUntilMs !== null) {
    const until = new Date(waitingUntilMs).toISOString();
    await print(
      `${source}: ${amount(waiting)} below the floor; a prune after ${until} removes them`,
    );
  }
  for (const segment of held.slice(0, NAMED_MAX)) await print(`locked   ${printable(segment)}`);
  if (held.length > 0)
    await print(
      `${showCount(held.length, 'file')} not removed: the store locks them (object lock)`,
    );
  for (const { segment, code, message } of failed.slice(0, NAMED_MAX)) {
    await print(`failed   ${printable(segment)}: ${printable(message)} (${code})`);
  }
  if (failed.length > 0) await print(`${showCount(failed.length, 'file')} could not be removed`);
}

const amount = ({ files, bytes }: { files: number; bytes: number }): string =>
  `${showCount(files, 'file')}, ${showBytes(bytes)}`;
