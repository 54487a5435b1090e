import { listRepairs, type Repair } from '@walq/wal-core/internal';
import { archivedSources } from '../archived-sources.ts';
import type { Call } from '../command.ts';
import { print, printJson } from '../terminal/print.ts';
import { printable } from '../terminal/printable.ts';
import type { RepairOptions } from './action.ts';

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
  if (began === null) return print(`${source}: a repair whose record ${id}-began cannot be read`);
  const what = began.segment === undefined ? '' : ` ${printable(began.segment)}`;
  await print(`${began.at}  ${source}: ${began.action}${what}, by ${printable(began.by)}`);
  await print(`  why: ${printable(began.why)}`);
  if (aside !== null) await print(`  old object: ${printable(aside)}`);
  await print(`  ${ended === null ? 'not ended' : `${ended.at}  ${printable(ended.outcome)}`}`);
}
