import {
  isUndecided,
  RECENT_DAYS,
  shellWord,
  type ChangedFile,
  type CorruptSegment,
  type KnownGap,
} from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import type { Call } from '../../command-line/command.ts';
import { showBytes, showCount, showDuration } from '../../terminal/human.ts';
import { print, printJson } from '../../terminal/print.ts';
import { seeAnchor } from '../../terminal/render-failure.ts';
import type { CheckedSource } from './check-bytes.ts';
import type { VerifiedSource, VerifyOptions } from './verify-names.ts';

/** Prints the result. Returns the exit code, which agrees with `ok`. */
export async function printVerification(
  call: Call<VerifyOptions>,
  sources: readonly (VerifiedSource | CheckedSource)[],
): Promise<number> {
  const found = foundIn(sources);
  const ok =
    found.nothing.length === 0 &&
    found.corrupt.length === 0 &&
    found.undecided.length === 0 &&
    found.changed.length === 0 &&
    found.gaps.every(({ acknowledged }) => acknowledged !== null);
  if (call.json) await printJson({ ok, ...toJson(found, call.options.incremental ?? false) });
  else await printReport(found);
  return ok ? 0 : 1;
}

function foundIn(sources: readonly (VerifiedSource | CheckedSource)[]) {
  const faulty = sources.flatMap(({ verification }) => verification.corrupt);
  return {
    segments: sources.reduce((sum, { verification }) => sum + verification.segments, 0),
    read: sources.reduce((sum, { coverage }) => sum + coverage.recentlyChecked, 0),
    // An empty archive whose source is unavailable: nothing was verified.
    nothing: sources
      .filter(({ isSourceAway, verification }) => isSourceAway && verification.segments === 0)
      .map(({ archived }) => archived.name),
    gaps: sources.flatMap(({ verification }) => verification.gaps),
    corrupt: faulty.filter((fault) => !isUndecided(fault)),
    undecided: faulty.filter(isUndecided),
    changed: sources.flatMap(({ changed }) => changed),
    unjudged: sources.flatMap(({ archived, verification }) =>
      verification.uncheckedTimelines.map((timeline) => ({ source: archived.name, timeline })),
    ),
    checks: sources.flatMap((source) =>
      'checkedNow' in source
        ? [
            {
              source: source.archived.name,
              ...source.coverage,
              checkedNow: source.checkedNow,
              bytesNow: source.bytesNow,
            },
          ]
        : [],
    ),
  };
}

type Found = ReturnType<typeof foundIn>;
type Checks = Found['checks'][number];

function toJson(
  { segments, read, nothing, gaps, corrupt, undecided, changed, unjudged, checks }: Found,
  isIncremental: boolean,
) {
  return {
    segments,
    contentsRead: { segments: read, days: RECENT_DAYS },
    ...(nothing.length > 0 && { nothingVerified: nothing }),
    gaps,
    corrupt: corrupt.map(withoutMessage),
    undecided: undecided.map(withoutMessage),
    changedAtSource: changed,
    ...(unjudged.length > 0 && { uncheckedTimelines: unjudged }),
    ...(isIncremental && { checks }),
  };
}

const withoutMessage = ({ source, segment, code }: CorruptSegment) => ({ source, segment, code });

async function printReport({
  segments,
  read,
  nothing,
  gaps,
  corrupt,
  undecided,
  changed,
  unjudged,
  checks,
}: Found): Promise<void> {
  for (const gap of gaps) await print(`gap      ${gap.source}: ${describeGap(gap)}`);
  for (const fault of corrupt) await print(`corrupt  ${describeFault(fault)}`);
  for (const fault of undecided) await print(`unknown  ${describeFault(fault)}`);
  for (const file of changed) await print(`changed  ${describeChange(file)}`);
  for (const { source, timeline } of unjudged) {
    await print(
      `unknown  ${source}: the archive has no ${timeline}.history, so walq cannot check for a gap at the start of timeline ${timeline}`,
    );
  }
  for (const one of checks) await print(`checked  ${one.source}: ${describeChecks(one)}`);
  const known = gaps.filter(({ acknowledged }) => acknowledged !== null).length;
  const ofThem = known === 0 ? '' : ` (${known} acknowledged)`;
  const unknown = undecided.length === 0 ? '' : `, ${undecided.length} without their dictionary`;
  const later = changed.length === 0 ? '' : `, ${changed.length} changed at the source`;
  const found = `${showCount(gaps.length, 'gap')}${ofThem}, ${corrupt.length} corrupt${unknown}${later}`;
  for (const source of nothing) {
    await print(
      `unknown  ${source}: nothing was verified: the archive holds no segment of it, and the source cannot be read`,
    );
  }
  const contents = `${read.toLocaleString('en-US')} read in full in the last ${RECENT_DAYS} days`;
  await print(`${showCount(segments, 'object')} listed; ${contents}: ${found}`);
  const open = gaps.filter(({ acknowledged }) => acknowledged === null);
  for (const source of sourcesOf(open)) {
    await print(`gap: run walq repair ${source}, which lists the gap and how to acknowledge it`);
  }
  for (const source of sourcesOf(corrupt)) {
    const fix = `walq repair ${source} --rearchive --replace-corrupt`;
    await print(`corrupt: run ${fix}, which replaces the objects whose source still exists`);
  }
}

function describeChange({ source, segment, change, ...file }: ChangedFile): string {
  const what =
    change === 'written'
      ? 'the source file was written after it was archived; its length is unchanged'
      : `the source file has ${file.bytes} bytes, the archived object ${file.archivedBytes} (archived at ${file.archivedAt})`;
  const command = `walq repair ${source} --replace-corrupt ${shellWord(segment)} --dry-run`;
  return `${source}: ${printable(segment)}: ${what}; run ${printable(command)}, which compares both`;
}

const sourcesOf = (found: readonly { readonly source: string }[]): ReadonlySet<string> =>
  new Set(found.map(({ source }) => source));

const describeFault = ({ source, segment, code, message }: CorruptSegment): string =>
  `${source}: ${printable(segment)}: ${printable(message)} (${code}).${seeAnchor(code)}`;

function describeGap({ after, before, missing, acknowledged }: KnownGap): string {
  const where = `between ${printable(after)} and ${printable(before)}`;
  const known =
    acknowledged === null
      ? ''
      : ` (acknowledged by ${printable(acknowledged.by)}: ${printable(acknowledged.reason)})`;
  return `${showCount(missing, 'segment')} missing ${where}${known}`;
}

function describeChecks(checks: Checks): string {
  const { objects, neverChecked, oldestCheckAt, checkedNow, bytesNow } = checks;
  const all = showCount(objects, 'segment');
  const now = `${checkedNow.toLocaleString('en-US')} of ${all} read in full (${showBytes(bytesNow)})`;
  if (oldestCheckAt === null) return now;
  const oldest = showDuration(Math.max(0, Date.now() - Date.parse(oldestCheckAt)));
  const never = neverChecked === 0 ? '' : `; ${neverChecked.toLocaleString('en-US')} never checked`;
  return `${now}; oldest full read ${oldest} ago${never}`;
}
