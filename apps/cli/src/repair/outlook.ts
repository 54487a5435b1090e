/** Without an action: what is wrong, since when, and the command that does something about it. */
import { lookForRepairs, shellWord, type KnownGap, type RepairOutlook } from '@walq/wal-core';
import { archivedSources, type ArchivedSource } from '../archived-sources.ts';
import type { Call } from '../command.ts';
import { showCount } from '../terminal/human.ts';
import { print, printJson, printLines } from '../terminal/print.ts';
import { printable } from '../terminal/printable.ts';
import type { RepairOptions } from './action.ts';
import { gapsOfSource } from './gaps-of-source.ts';

interface SourceOutlook extends RepairOutlook {
  readonly gaps: readonly Omit<KnownGap, 'source'>[];
}

export async function showOutlook(call: Call<RepairOptions>): Promise<void> {
  const sources: Record<string, SourceOutlook> = {};
  for (const archived of await archivedSources(call, call.args[0])) {
    sources[archived.name] = await outlookOf(archived);
  }
  if (call.json) return printJson({ sources });
  for (const [name, outlook] of Object.entries(sources)) await printOutlook(name, outlook);
}

async function outlookOf(archived: ArchivedSource): Promise<SourceOutlook> {
  const gaps = await gapsOfSource(archived);
  return {
    ...(await lookForRepairs(archived.store, archived.name)),
    gaps: gaps.map(({ after, before, missing, acknowledged }) => ({
      after,
      before,
      missing,
      acknowledged,
    })),
  };
}

async function printOutlook(source: string, outlook: SourceOutlook): Promise<void> {
  const { quarantined, unfinished, gaps } = outlook;
  const open = gaps.filter(({ acknowledged }) => acknowledged === null);
  const counts = [
    `${quarantined.length} set aside`,
    showCount(open.length, 'open gap'),
    ...(unfinished.length > 0 ? [`${unfinished.length} unfinished`] : []),
  ];
  await print(`${source}: ${counts.join(', ')}`);
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
