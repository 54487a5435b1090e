/** The options of walq repair: which action, on which source. */
import {
  type ArchiveOptions,
  archivedSources,
  type ArchivedSource,
} from '../../sources/archived-sources.ts';
import { UsageError } from '../../command-line/usage-error.ts';
import type { Call } from '../../command-line/command.ts';
import { assertMayWrite, assertMayWriteArchive } from '../../sources/owner.ts';

export interface RepairOptions extends ArchiveOptions {
  readonly release?: string;
  readonly releaseAll?: true;
  readonly rearchive?: true;
  /** True if no segment is named. */
  readonly replaceCorrupt?: string | true;
  readonly acknowledgeGap?: string;
  readonly reason?: string;
  readonly history?: true;
  readonly dryRun?: true;
  readonly takeOver?: true;
  readonly concurrency?: number;
}

export type RepairActionName = 'list' | 'history' | 'release' | 'acknowledge-gap' | 'rearchive';

/** Which option selects which action. */
const asking: readonly (readonly [keyof RepairOptions, string, RepairActionName])[] = [
  ['history', '--history', 'history'],
  ['release', '--release', 'release'],
  ['releaseAll', '--release-all', 'release'],
  ['rearchive', '--rearchive', 'rearchive'],
  ['replaceCorrupt', '--replace-corrupt', 'rearchive'],
  ['acknowledgeGap', '--acknowledge-gap', 'acknowledge-gap'],
];

/** The one action. @throws UsageError if options contradict one another */
export function actionOf(options: RepairOptions): RepairActionName {
  const [first, ...more] = asking.filter(([option]) => options[option] !== undefined);
  const action = first?.[2] ?? 'list';
  const second = more.find(([, , other]) => other !== action || action === 'release');
  if (first !== undefined && second !== undefined) {
    throw new UsageError(`${first[1]} and ${second[1]} are two actions`, 'Use one at a time.');
  }
  if (action === 'rearchive') assertRearchiveOptions(options);
  assertNoStrayOption(action, options);
  return action;
}

function assertRearchiveOptions(options: RepairOptions): void {
  const { rearchive, replaceCorrupt, archive } = options;
  if (replaceCorrupt === true && rearchive === undefined) {
    throw new UsageError(
      '--replace-corrupt names no segment',
      'Name one after the option, or add --rearchive for every segment that is at the source.',
    );
  }
  if (typeof replaceCorrupt === 'string' && rearchive === true) {
    throw new UsageError(
      '--rearchive applies to all segments, --replace-corrupt SEGMENT to one',
      'Remove --rearchive or the segment.',
    );
  }
  if (archive === undefined) return;
  throw new UsageError(
    '--archive does not say where the source segments are',
    'Use a configuration that has the source.',
  );
}

function assertNoStrayOption(action: RepairActionName, options: RepairOptions): void {
  const { replaceCorrupt, reason, dryRun, takeOver, concurrency } = options;
  const isReading = action === 'list' || action === 'history';
  if (isReading && dryRun) throw stray('--dry-run', 'an action');
  if (replaceCorrupt === undefined && takeOver) throw stray('--take-over', '--replace-corrupt');
  if (action !== 'rearchive' && concurrency !== undefined)
    throw stray('--concurrency', '--rearchive');
  if (action !== 'acknowledge-gap') {
    if (reason !== undefined) throw stray('--reason', '--acknowledge-gap');
  } else if ((reason ?? '').trim() === '') {
    throw new UsageError(
      '--acknowledge-gap requires the reason why the segments are missing',
      'Add --reason "…".',
    );
  }
}

const stray = (option: string, needed: string): UsageError =>
  new UsageError(`${option} requires ${needed}`, `Add ${needed}, or remove ${option}.`);

/** The source of an action. @throws UsageError if none is named and there are several */
export async function oneSource(call: Call<RepairOptions>): Promise<ArchivedSource> {
  const found = await archivedSources(call, call.args[0]);
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) {
    if (call.options.dryRun !== true) await assertMayRepair(call, only);
    return only;
  }
  const names = found.map(({ name }) => name).join(', ');
  throw new UsageError(
    only === undefined
      ? 'the archive has no source'
      : 'there are several sources, and none is named',
    only === undefined
      ? 'Check the URL of the archive, and that it is mounted.'
      : `Name one of ${names}.`,
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
