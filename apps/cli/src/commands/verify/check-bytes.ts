/** The second part of a verification: objects from their first byte to their last, and what is remembered of it. */
import {
  mergeCheckResults,
  checkObjects,
  coverageOf,
  byCheckPriority,
  isWalqError,
  keyPath,
  recordChecks,
  type CheckedObject,
  type QueuedObject,
  type Threads,
} from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import type { Call } from '../../command-line/command.ts';
import { assertMayWriteArchive, whoRepairs } from '../../sources/owner.ts';
import { warn } from '../../terminal/print.ts';
import { showProgress } from '../../terminal/progress.ts';
import type { VerifiedSource, VerifyOptions } from './verify-names.ts';

/** A source of which objects were read now. */
export interface CheckedSource extends VerifiedSource {
  readonly checkedNow: number;
  /** As they are stored. */
  readonly bytesNow: number;
}

/** A process that is killed loses no more than this of what it checked. */
const SAVE_EVERY_MS = 60_000;

/** All sources share one budget and one queue: none waits for ever behind another. */
export async function checkBytes(
  call: Call<VerifyOptions>,
  sources: readonly VerifiedSource[],
  threads: Threads,
  startedMs: number,
): Promise<CheckedSource[]> {
  const { incremental = false, budget, maxBytes } = call.options;
  const all = sources.flatMap(({ archived: { store }, checkHistory, objects }) =>
    objects.map((object): QueuedObject => ({ ...object, store, checkHistory })),
  );
  const options = {
    threads,
    queue: incremental ? byCheckPriority(all) : all,
    budget: { bytesMax: maxBytes, msMax: budget && budget - (performance.now() - startedMs) },
    signal: call.signal,
  };
  const checked = await savingMeanwhile(call, sources, checkObjects(options), all.length);
  for (const source of sources) await record(call, source, checked);
  return sources.map((source) => withChecks(source, checked));
}

async function savingMeanwhile(
  call: Call<VerifyOptions>,
  sources: readonly VerifiedSource[],
  checks: AsyncIterable<CheckedObject>,
  count: number,
): Promise<readonly CheckedObject[]> {
  const progress = await showProgress({
    doing: 'reading every byte',
    noun: 'segment',
    quiet: call.json,
  });
  progress.total(count);
  const checked: CheckedObject[] = [];
  let savedMs = performance.now();
  let isWhole = false;
  try {
    for await (const one of checks) {
      checked.push(one);
      progress.advance(one.object.key.segment);
      if (performance.now() - savedMs < SAVE_EVERY_MS) continue;
      await save(call, sources, false);
      savedMs = performance.now();
    }
    isWhole = true;
  } finally {
    progress.stop();
    await save(call, sources, isWhole);
  }
  return checked;
}

/**
 * For everybody who reads the archive. Who may only read it, and root where another user owns it and could not read
 * root's records, keeps what was found to this machine.
 */
async function record(
  call: Call<VerifyOptions>,
  { archived: { store, name }, checkHistory, corrupt: known }: VerifiedSource,
  all: readonly CheckedObject[],
): Promise<void> {
  const checked = all.filter(({ object }) => object.checkHistory === checkHistory);
  const isNews = checked.some(({ fault }) => fault !== undefined) || known.length > 0;
  if (!isNews) return;
  try {
    await assertMayWriteArchive(call, store.url);
    await recordChecks(store, { known, checked, by: whoRepairs() });
  } catch (error) {
    if (!isWalqError(error)) throw error;
    const hint = error.code === 'other-user' ? ` ${error.hint}` : '';
    warn(
      `walq: only this machine knows what was found of ${name}: ${printable(error.message)}.${printable(hint)}`,
    );
  }
}

/** Without its memory an incremental verification would begin at the same place each time. */
async function save(
  { options }: Call<VerifyOptions>,
  sources: readonly VerifiedSource[],
  isWhole: boolean,
): Promise<void> {
  const { from, until, incremental = false } = options;
  for (const { checkHistory, objects } of sources) {
    const isAll = isWhole && from === undefined && until === undefined;
    if (isAll) checkHistory.keepOnly(new Set(objects.map(({ key }) => keyPath(key))));
    await checkHistory.save().catch((error: unknown) => {
      if (!isWalqError(error, 'state-io') || (incremental && isWhole)) throw error;
      warn(`walq: ${printable(error.message)}; it will be checked again`);
    });
  }
}

function withChecks(source: VerifiedSource, all: readonly CheckedObject[]): CheckedSource {
  const { archived, checkHistory, objects, verification } = source;
  const checked = all.filter(({ object }) => object.checkHistory === checkHistory);
  const bytesNow = checked.reduce((sum, { object }) => sum + object.objectBytes, 0);
  return {
    ...source,
    verification: mergeCheckResults(verification, checked, archived.naming),
    coverage: coverageOf(objects.map((object) => checkHistory.find(object))),
    checkedNow: checked.length,
    bytesNow,
  };
}
