/** Without an action: what is wrong, since when, and the command that fixes it. With --history: past repairs. */
import { sourceConditions, type QueueSnapshot } from '@walq/archive-queue/observe';
import {
  isWalqError,
  findRepairs,
  shellWord,
  WalqError,
  type Condition,
  type KnownGap,
  type NeededRepairs,
  listRepairs,
  type Repair,
} from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import { archivedSources, type ArchivedSource } from '../../sources/archived-sources.ts';
import type { Call } from '../../command-line/command.ts';
import { conditionLines, observe } from '../../sources/source-status.ts';
import { queueOf } from '../../sources/queue-status.ts';
import { showCount } from '../../terminal/human.ts';
import { seeAnchor } from '../../terminal/render-failure.ts';
import { print, printJson, printLines } from '../../terminal/print.ts';
import { answeredWithin } from '../../deadlines/unanswered.ts';
import type { RepairOptions } from './options.ts';
import { gapsOfSource } from '../../sources/segments-at.ts';

interface SourceOutlook extends NeededRepairs {
  readonly gaps: readonly Omit<KnownGap, 'source'>[];
  /** Segments of a kept source that do not match the archived object of their name. */
  readonly mismatched: readonly string[];
  /** The conditions of walq status; null if only the archive is known. */
  readonly conditions: readonly Condition[] | null;
  /** Whether the archive could be read. */
  readonly isReadable: boolean;
}

/** Exit code 1 if an archive cannot be read; the other sources are still listed. */
export async function showOutlook(call: Call<RepairOptions>): Promise<number | undefined> {
  const sources: Record<string, SourceOutlook> = {};
  const queue = await queueOf(call);
  for (const archived of await archivedSources(call, call.args[0])) {
    sources[archived.name] = await outlookOf(archived, queue);
  }
  if (call.json) await printJson({ sources });
  else for (const [name, outlook] of Object.entries(sources)) await printOutlook(name, outlook);
  return Object.values(sources).some(({ isReadable }) => !isReadable) ? 1 : undefined;
}

/** Uses the same snapshot as walq status; if the source is unavailable, reads the archive only. */
async function outlookOf(archived: ArchivedSource, queue: QueueSnapshot): Promise<SourceOutlook> {
  if (archived.source === undefined) return { ...(await listsOf(archived)), ...unknown };
  const observation = await observe(archived.source);
  const { source, snapshot, failure } = observation;
  const figures = snapshot?.figures ?? null;
  const known = {
    mismatched: snapshot?.mismatched ?? [],
    conditions: sourceConditions({ source, figures, failure, failingSince: null, queue }),
  };
  try {
    const lists = await (failure === null
      ? listsOf(archived, snapshot?.gaps)
      : answeredWithin(
          ANSWER_MS,
          () => new WalqError(failure.code, failure),
          () => listsOf(archived),
        ));
    return { ...lists, ...known, isReadable: true };
  } catch (error) {
    // The conditions give the reason.
    if (failure === null || !isWalqError(error)) throw error;
    return { corrupt: [], quarantined: [], unfinished: [], gaps: [], ...known, isReadable: false };
  }
}

/** The snapshot has already waited for the disk, so this wait is short. */
const ANSWER_MS = 5_000;

const unknown = { mismatched: [], conditions: null, isReadable: true };

async function listsOf(archived: ArchivedSource, found?: readonly KnownGap[]) {
  const gaps = found ?? (await gapsOfSource(archived));
  return {
    ...(await findRepairs(archived.store, archived.name)),
    gaps: gaps.map(({ after, before, missing, acknowledged }) => ({
      after,
      before,
      missing,
      acknowledged,
    })),
  };
}

/** Conditions whose segments are listed one by one. */
const listed: readonly Condition['kind'][] = [
  'lost',
  'gap',
  'corrupt',
  'quarantine',
  'mismatch',
  'repair-unfinished',
];

async function printOutlook(source: string, outlook: SourceOutlook): Promise<void> {
  const { corrupt, quarantined, unfinished, gaps, mismatched, conditions } = outlook;
  const open = gaps.filter(({ acknowledged }) => acknowledged === null);
  const counts = [
    `${quarantined.length} in quarantine`,
    showCount(open.length, 'open gap'),
    ...(corrupt.length > 0 ? [`${corrupt.length} corrupt`] : []),
    ...(mismatched.length > 0 ? [`${mismatched.length} mismatched`] : []),
    ...(unfinished.length > 0 ? [`${unfinished.length} unfinished`] : []),
  ];
  await print(`${source}: ${counts.join(', ')}`);
  for (const one of conditions ?? []) {
    if (!listed.includes(one.kind)) await printLines(indented(conditionLines(source, one)));
  }
  for (const { segment, code, message, foundAt, by } of corrupt) {
    await printLines([
      `  the object of ${printable(segment)} is corrupt, found by ${printable(by)} at ${foundAt} (${code})`,
      `    ${printable(message)}.${seeAnchor(code)}`,
      `    do: walq repair ${source} --replace-corrupt ${printable(shellWord(segment))}, while its source exists`,
    ]);
  }
  for (const segment of mismatched) {
    await printLines([
      `  ${printable(segment)} at the source differs from the archived object of the same name`,
      `    do: walq repair ${source} --rearchive, which compares both and reports what differs`,
    ]);
  }
  for (const one of quarantined) {
    await printLines([
      `  ${printable(one.segment)} in quarantine since ${one.quarantinedAt} (${one.code})`,
      `    ${printable(one.message)}.${seeAnchor(one.code)}`,
      `    do: ${printable(one.advice)}`,
    ]);
  }
  for (const { began, id } of unfinished) {
    const what = began === null ? `record ${id}` : `${began.segment} by ${began.by} at ${began.at}`;
    await print(`  unfinished replacement: ${printable(what)}`);
    const segment = shellWord(began?.segment ?? 'SEGMENT');
    await print(`    do: walq repair ${source} --replace-corrupt ${printable(segment)}`);
  }
  await printLines(gaps.flatMap((gap) => gapLines(source, gap)));
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function gapLines(
  source: string,
  { after, before, missing, acknowledged }: SourceOutlook['gaps'][number],
) {
  const where = `between ${printable(after)} and ${printable(before)}`;
  const what = `  gap: ${showCount(missing, 'segment')} missing ${where}`;
  if (acknowledged !== null) {
    const { by, reason } = acknowledged;
    return [`${what} (acknowledged by ${printable(by)}: ${printable(reason)})`];
  }
  const range = printable(shellWord(`${after}..${before}`));
  return [
    what,
    `    do: restore the segments from another copy; if there is none, walq repair ${source} --acknowledge-gap ${range} --reason "…"`,
  ];
}

export async function showHistory(call: Call<RepairOptions>): Promise<void> {
  const all: (Repair & { readonly source: string })[] = [];
  for (const { name, store } of await archivedSources(call, call.args[0])) {
    const repairs = await listRepairs(store, name);
    all.push(...repairs.map((repair) => ({ source: name, ...repair })));
  }
  if (call.json) return printJson({ repairs: all });
  if (all.length === 0) return print('nothing was repaired');
  for (const { source, ...repair } of all) await printRepair(source, repair);
}

async function printRepair(source: string, repair: Repair): Promise<void> {
  const { id, began, aside, ended } = repair;
  if (began === null) return print(`${source}: a repair whose record ${id}-began is unreadable`);
  const what = began.segment === undefined ? '' : ` ${printable(began.segment)}`;
  await print(`${began.at}  ${source}: ${began.action}${what}, by ${printable(began.by)}`);
  await print(`  why: ${printable(began.why)}`);
  if (aside !== null) await print(`  old object: ${printable(aside)}`);
  await print(`  ${ended === null ? 'not ended' : `${ended.at}  ${printable(ended.outcome)}`}`);
}
