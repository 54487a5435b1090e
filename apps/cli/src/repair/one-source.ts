import { archivedSources, type ArchivedSource } from '../archived-sources.ts';
import type { Call } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import type { RepairOptions } from './action.ts';
import { assertMayWrite, assertMayWriteArchive } from '../owner.ts';

/** The source that an action is about. @throws UsageError where it is not named and several can be meant */
export async function oneSource(call: Call<RepairOptions>): Promise<ArchivedSource> {
  const found = await archivedSources(call, call.args[0]);
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) {
    if (call.options.dryRun !== true) await assertMayRepair(call, only);
    return only;
  }
  const names = found.map(({ name }) => name).join(', ');
  throw new UsageError(
    only === undefined ? 'the archive has no source' : 'several sources can be meant',
    only === undefined
      ? 'See walq list.'
      : `Name one, such as: walq repair ${only.name}. There are ${names}.`,
  );
}

function assertMayRepair(
  call: Call<RepairOptions>,
  { source, store }: ArchivedSource,
): Promise<void> {
  return source === undefined
    ? assertMayWriteArchive(call, store.url)
    : assertMayWrite(call, source);
}
