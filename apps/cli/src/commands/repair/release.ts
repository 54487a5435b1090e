import {
  isBelowFloor,
  listQuarantine,
  notArchivedBelowFloor,
  readFloors,
  releaseSegment,
  RepairLog,
  WalqError,
  type ListedRecord,
} from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import type { ArchivedSource } from '../../sources/archived-sources.ts';
import type { Call } from '../../command-line/command.ts';
import { print, printJson, printLines } from '../../terminal/print.ts';
import { showCount } from '../../terminal/human.ts';
import { type RepairOptions, oneSource } from './options.ts';
import { whoRepairs } from '../../sources/owner.ts';

export async function release(call: Call<RepairOptions>): Promise<void> {
  const archived = await oneSource(call);
  const { name: source, store } = archived;
  const chosen = choose(archived, await listQuarantine(store, source), call.options.release);
  const dryRun = call.options.dryRun === true;
  const log = new RepairLog({ store, source, by: whoRepairs() });
  for (const record of chosen) {
    call.signal.throwIfAborted();
    if (!dryRun) await releaseSegment({ store, source, log }, record);
    if (!call.json) await print(line(record, dryRun));
  }
  const next = await nextSteps(archived, chosen);
  const released = chosen.map(({ segment, code }) => ({ segment, code }));
  if (call.json) return printJson({ source, dryRun, released, next });
  if (chosen.length === 0) return print('nothing is in quarantine');
  if (dryRun) return print(`would release ${showCount(chosen.length, 'segment')}`);
  await printLines(next.split('\n'));
}

/** Finds a record by its segment, or by its own name if it is damaged and names no segment. */
function choose(
  { name }: ArchivedSource,
  records: readonly ListedRecord[],
  asked: string | undefined,
): readonly ListedRecord[] {
  if (asked === undefined) return records;
  const found = records.find(({ segment, record }) => segment === asked || record === asked);
  if (found !== undefined) return [found];
  throw new WalqError('usage', {
    message: `segment '${asked}' of source '${name}' is not in quarantine`,
    hint: `Run walq repair ${name}, which lists the quarantine.`,
  });
}

const line = ({ segment, code }: ListedRecord, dryRun: boolean): string =>
  `${dryRun ? 'would release' : 'released'} ${printable(segment)} (${code})`;

/** A released segment is due again, unless it is below the prune floor. PostgreSQL gets an answer for every file. */
async function nextSteps(
  archived: ArchivedSource,
  released: readonly ListedRecord[],
): Promise<string> {
  const { name, store, naming, source } = archived;
  if (source?.type === 'postgres') return nextStep(archived);
  const floors = await readFloors(store, name);
  const below = released.flatMap(({ segment }) => {
    const parsed = naming.parse(segment);
    return parsed !== undefined && isBelowFloor(floors, parsed) ? [parsed] : [];
  });
  const notes = below.map(
    (segment) =>
      `${notArchivedBelowFloor(floors, segment, name).message}: walq does not archive it. Copy the file elsewhere if you need it, then remove it from the source.`,
  );
  const others = below.length < released.length ? [nextStep(archived)] : [];
  return [...notes, ...others].join('\n');
}

function nextStep({ name, source }: ArchivedSource): string {
  if (source?.type === 'postgres') {
    return `PostgreSQL's next archive_command archives it, or a running worker does so sooner.`;
  }
  return `The running roles archive it, unless walq status shows the source as paused or stopped. To archive it now: walq repair ${name} --rearchive.`;
}
