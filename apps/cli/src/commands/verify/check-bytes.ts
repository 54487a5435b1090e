/** The second part of a verification: reads objects in full, and records the result of each. */
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
  /** Compressed. */
  readonly bytesNow: number;
}

/** A killed process loses at most the checks of this long. */
const SAVE_EVERY_MS = 60_000;

/** All sources share one budget and one queue, so that no source starves. */
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
  const checked = await collectAndSave(call, sources, checkObjects(options), all.length);
  for (const source of sources) await record(call, source, checked);
  return sources.map((source) => withChecks(source, checked));
}

async function collectAndSave(
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
 * Records corrupt objects in the archive, where every reader sees them. Without the right to write there (or as root,
 * whose files the owner could not read) the result stays on this machine.
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
      `walq: unable to record the corrupt objects of ${name} in the archive, only on this machine: ${printable(error.message)}.${printable(hint)}`,
    );
  }
}

/** Without its history an incremental verification would always start with the same objects. */
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
      warn(
        `walq: ${printable(error.message)}; the next incremental run reads the same objects again`,
      );
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
