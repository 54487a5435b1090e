/** Without an action: what is wrong, since when, and the command that does something about it. */
import {
  diskConditions,
  lookForRepairs,
  shellWord,
  type Condition,
  type KnownGap,
  type RepairOutlook,
  type SourceSnapshot,
} from '@walq/wal-core';
import { archivedSources, type ArchivedSource } from '../archived-sources.ts';
import type { Call } from '../command.ts';
import { conditionLines } from '../condition-lines.ts';
import { snapshotOf } from '../source-status.ts';
import { showCount } from '../terminal/human.ts';
import { print, printJson, printLines } from '../terminal/print.ts';
import { printable } from '../terminal/printable.ts';
import type { RepairOptions } from './action.ts';
import { gapsOfSource } from './gaps-of-source.ts';

interface SourceOutlook extends RepairOutlook {
  readonly gaps: readonly Omit<KnownGap, 'source'>[];
  /** Segments of a kept source that do not match the archived object of their name. */
  readonly mismatched: readonly string[];
  /** What is wrong by the disk and the archive; null where only the archive is known. */
  readonly conditions: readonly Condition[] | null;
}

export async function showOutlook(call: Call<RepairOptions>): Promise<void> {
  const sources: Record<string, SourceOutlook> = {};
  for (const archived of await archivedSources(call, call.args[0])) {
    sources[archived.name] = await outlookOf(archived);
  }
  if (call.json) return printJson({ sources });
  for (const [name, outlook] of Object.entries(sources)) await printOutlook(name, outlook);
}

/** The same snapshot as everywhere; where the source is away, what its archive says by itself. */
async function outlookOf(archived: ArchivedSource): Promise<SourceOutlook> {
  const { name, store, source } = archived;
  const snapshot = source && (await snapshotOf(source));
  const gaps = snapshot?.look?.gaps ?? (await gapsOfSource(archived));
  return {
    ...(await lookForRepairs(store, name)),
    gaps: gaps.map(({ after, before, missing, acknowledged }) => ({
      after,
      before,
      missing,
      acknowledged,
    })),
    mismatched: snapshot?.look?.mismatched ?? [],
    conditions: snapshot === undefined ? null : conditionsOf(snapshot),
  };
}

const conditionsOf = ({ source, look, failure }: SourceSnapshot): readonly Condition[] =>
  diskConditions({ source, figures: look?.figures ?? null, failure, failingSince: null });

/** These are listed one by one. */
const listed: readonly Condition['kind'][] = [
  'lost',
  'gap',
  'quarantine',
  'mismatch',
  'repair-unfinished',
];

async function printOutlook(source: string, outlook: SourceOutlook): Promise<void> {
  const { quarantined, unfinished, gaps, mismatched, conditions } = outlook;
  const open = gaps.filter(({ acknowledged }) => acknowledged === null);
  const counts = [
    `${quarantined.length} set aside`,
    showCount(open.length, 'open gap'),
    ...(mismatched.length > 0 ? [`${mismatched.length} mismatched`] : []),
    ...(unfinished.length > 0 ? [`${unfinished.length} unfinished`] : []),
  ];
  await print(`${source}: ${counts.join(', ')}`);
  for (const one of conditions ?? []) {
    if (!listed.includes(one.kind)) await printLines(indented(conditionLines(source, one)));
  }
  for (const segment of mismatched) {
    await printLines([
      `  ${printable(segment)} does not match the archived object of its name`,
      `    do: walq repair ${source} --rearchive compares both, and tells what differs`,
    ]);
  }
  for (const one of quarantined) {
    await printLines([
      `  ${printable(one.segment)} set aside since ${one.quarantinedAt} (${one.code})`,
      `    ${printable(one.message)}`,
      `    do: ${printable(one.advice)}`,
    ]);
  }
  for (const { began, id } of unfinished) {
    const what = began === null ? `record ${id}` : `${began.segment} by ${began.by} at ${began.at}`;
    await print(`  replacing ${printable(what)} has not ended`);
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
    `    do: look for a copy; else walq repair ${source} --acknowledge-gap ${range} --reason "…"`,
  ];
}
