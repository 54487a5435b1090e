import {
  listQuarantine,
  releaseSegment,
  RepairLog,
  WalqError,
  type ListedRecord,
} from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import type { ArchivedSource } from '../../sources/archived-sources.ts';
import type { Call } from '../../command-line/command.ts';
import { print, printJson } from '../../terminal/print.ts';
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
  const next = nextStep(archived);
  const released = chosen.map(({ segment, code }) => ({ segment, code }));
  if (call.json) return printJson({ source, dryRun, released, next });
  if (chosen.length === 0) return print('nothing is set aside');
  await print(dryRun ? `would release ${showCount(chosen.length, 'segment')}` : next);
}

/** By the segment's name, or by the record's where the record is damaged and names no segment. */
function choose(
  { name }: ArchivedSource,
  records: readonly ListedRecord[],
  wanted: string | undefined,
): readonly ListedRecord[] {
  if (wanted === undefined) return records;
  const found = records.find(({ segment, record }) => segment === wanted || record === wanted);
  if (found !== undefined) return [found];
  throw new WalqError('usage', {
    message: `segment '${wanted}' of source '${name}' is not set aside`,
    hint: `walq repair ${name} lists what is.`,
  });
}

const line = ({ segment, code }: ListedRecord, dryRun: boolean): string =>
  `${dryRun ? 'would release' : 'released'} ${printable(segment)} (${code})`;

/** What is released is due. */
function nextStep({ name, source }: ArchivedSource): string {
  if (source?.type === 'postgres') {
    return `It is archived by PostgreSQL's next archive_command, or before by a worker that runs.`;
  }
  return `A producer and a worker that run archive it, unless the source is paused or stopped (walq status says so); to archive it now: walq repair ${name} --rearchive.`;
}
