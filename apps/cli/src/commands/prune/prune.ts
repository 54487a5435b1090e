/** Retention: raises the prune floor of a source, and removes what has been below it for the grace period. */
import {
  nodeDisk,
  openManifestIndex,
  planPrune,
  processName,
  prune,
  readArchiveOwner,
  WalqError,
  type PruneOptions,
  type PrunePlan,
  type PruneReport,
} from '@walq/wal-core/internal';
import { Option } from '../../command-line/commander.ts';
import { cacheDirectory } from '@walq/config/values';
import { archivedSources, type ArchivedSource } from '../../sources/archived-sources.ts';
import { durationMs, integerBetween } from '../../command-line/arguments.ts';
import type { Call, CliCommand } from '../../command-line/command.ts';
import { planJson, planLines, printReport, reportJson } from './show.ts';
import {
  assertNoneUnarchived,
  readSource,
  unarchivedBelow,
  unarchivedLine,
  type Unarchived,
} from './unarchived.ts';
import { rulesOf, type RuleOptions } from './rules-of.ts';
import { saveIndex } from '../../terminal/notes.ts';
import { print, printJson, printLines } from '../../terminal/print.ts';
import { showProgress } from '../../terminal/progress.ts';
import { UsageError } from '../../command-line/usage-error.ts';
import { assertMayWriteArchive } from '../../sources/owner.ts';

interface PruneCallOptions extends RuleOptions {
  readonly grace: number;
  readonly abandonUnarchived?: boolean;
  readonly dryRun?: boolean;
}

const GRACE_MS = 60 * 60 * 1000;
const integer = integerBetween(1, 1e15 - 1);

export const command: CliCommand<PruneCallOptions> = {
  examples: [
    'walq prune orders --keep-days 30 --dry-run',
    'walq prune main --keep-days 14 --keep-backup-label /backup/base/backup_label',
  ],

  define(program) {
    program
      .argument('<source>', 'name of the source')
      .option('--keep-days <n>', 'keep what was archived in the last n days', integer)
      .option('--keep-segments <n>', 'keep the newest n segments', integer)
      .option(
        '--keep-from <segment>',
        'keep this segment and every later one; also takes NAME.OFFSET.backup',
      )
      .addOption(
        new Option(
          '--keep-backup-label <file>',
          'keep what the base backup of this backup_label needs; repeatable',
        )
          .default([], 'none')
          .argParser((file: string, others: readonly string[]) => [...others, file]),
      )
      .addOption(
        new Option(
          '--grace <duration>',
          'remove objects only after this long below the floor, so that running restores finish',
        )
          .default(GRACE_MS, '1h')
          .argParser(durationMs),
      )
      .option(
        '--abandon-unarchived',
        'also raise the floor above segments at the source that are not archived',
      )
      .option('--dry-run', 'show what would be removed and change nothing');
  },

  async run(call) {
    const [name = ''] = call.args;
    const [archived] = await archivedSources({ ...call, options: {} }, name);
    if (archived === undefined) throw new TypeError(`no archive of '${name}'`);
    const options = await pruneOptions(call, archived);
    // Before the archive: what is archived in between counts as archived.
    const atSource = await readSource(archived);
    if (call.options.dryRun === true) {
      const plan = await planPrune(options);
      return showPlan(call, plan, options, unarchivedBelow(plan, atSource));
    }
    await assertMayWriteArchive(call, archived.store.url);
    const beforeRaise = (plan: PrunePlan): void => {
      if (call.options.abandonUnarchived === true) return;
      assertNoneUnarchived(name, unarchivedBelow(plan, atSource));
    };
    const report = await withProgress(call, { ...options, beforeRaise });
    await saveIndex(options.index);
    await (call.json ? printJson(reportJson(name, report)) : printReport(name, report));
    return report.failed.length > 0 ? 1 : undefined;
  },
};

async function pruneOptions(
  call: Call<PruneCallOptions>,
  archived: ArchivedSource,
): Promise<PruneOptions> {
  const { name, store } = archived;
  assertRules(call.options);
  const naming = await namingInArchive(archived);
  const rules = await rulesOf(call.options, { name, naming });
  return {
    store,
    source: name,
    naming,
    rules,
    graceMs: call.options.grace,
    index: await openManifestIndex(nodeDisk, cacheDirectory(), store.url, name),
    by: processName(),
    signal: call.signal,
  };
}

/** The archive knows the segment size of PostgreSQL; for other sources the configuration decides. */
async function namingInArchive({ name, store, naming }: ArchivedSource) {
  const owner = await readArchiveOwner(store, name);
  if (owner === undefined) {
    throw new WalqError('object-missing', {
      message: `the archive ${store.url} has no source '${name}', so nothing was pruned`,
      hint: 'Check the name, and that the archive is mounted.',
    });
  }
  return owner.type === 'postgres' ? owner.naming : naming;
}

function assertRules(options: RuleOptions): void {
  const { keepDays, keepSegments, keepFrom, keepBackupLabel = [] } = options;
  const given = [keepDays, keepSegments, keepFrom, ...keepBackupLabel];
  if (given.some((rule) => rule !== undefined)) return;
  throw new UsageError(
    'no rule says what to keep',
    'Set --keep-days, --keep-segments, --keep-from or --keep-backup-label.',
  );
}

async function showPlan(
  { json, args }: Call<PruneCallOptions>,
  plan: PrunePlan,
  { index, naming }: PruneOptions,
  unarchived: Unarchived | undefined,
): Promise<void> {
  await saveIndex(index);
  const [name = ''] = args;
  if (json)
    return printJson({ source: name, ...planJson(plan), ...(unarchived && { unarchived }) });
  await printLines(planLines(plan));
  if (unarchived) await print(unarchivedLine(unarchived, naming.rule.kind === 'postgres'));
}

async function withProgress(
  { json, args }: Call<PruneCallOptions>,
  options: PruneOptions,
): Promise<PruneReport> {
  const doing = `pruning ${args[0] ?? ''}`;
  const progress = await showProgress({ doing, noun: 'file', quiet: json });
  try {
    return await prune({
      ...options,
      onStart: (files) => progress.total(files),
      onFile: (segment) => progress.advance(segment),
    });
  } finally {
    progress.stop();
  }
}
