import {
  createThreadPool,
  isWalqError,
  nodeDisk,
  usableCores,
  verifyArchive,
  type CorruptSegment,
  type Gap,
  type SegmentName,
  type SourceVerification,
  type Threads,
} from '@walq/wal-core';
import { archivedSources, type ArchivedSource } from '../archived-sources.ts';
import { archiveOption, concurrencyOption, examples } from '../arguments.ts';
import type { Call, CliCommand } from '../command.ts';
import { segmentsAt } from '../source-status.ts';
import { showCount } from '../terminal/human.ts';
import { note, print, printJson } from '../terminal/print.ts';
import { printable } from '../terminal/printable.ts';
import { showProgress, type Progress } from '../terminal/progress.ts';
import { rangeOf, type RangeOptions } from './list.ts';

interface VerifyOptions extends RangeOptions {
  readonly deep?: boolean;
  readonly concurrency?: number;
}

export const command: CliCommand<VerifyOptions> = {
  define(program) {
    program
      .argument('[source]', 'only this source')
      .option('--deep', 'read and decode every byte, not the manifests alone')
      .addOption(archiveOption())
      .option('--from <segment>', 'the first segment, inclusive')
      .option('--until <segment>', 'the last segment, inclusive')
      .addOption(concurrencyOption())
      .addHelpText('after', examples('walq verify', 'walq verify orders --deep'));
  },

  async run(call) {
    const sources = await archivedSources(call, call.args[0]);
    const threads = call.options.deep === true ? await threadsOf(call) : undefined;
    try {
      const parts: SourceVerification[] = [];
      for (const source of sources) parts.push(await verify(call, source, threads));
      return await report(call, parts);
    } finally {
      await threads?.close();
    }
  },
};

const threadsOf = async ({ options }: Call<VerifyOptions>): Promise<Threads> =>
  createThreadPool({ parallelism: options.concurrency ?? (await usableCores({ disk: nodeDisk })) });

async function verify(
  call: Call<VerifyOptions>,
  archived: ArchivedSource,
  threads: Threads | undefined,
): Promise<SourceVerification> {
  const { name, store, naming, consecutive } = archived;
  const progress = await progressOf(call, name);
  try {
    return await verifyArchive({
      store,
      naming,
      consecutive,
      source: name,
      range: rangeOf(archived, call.options),
      atSource: await segmentsAtSource(archived),
      ...(threads === undefined ? {} : { deep: threads }),
      signal: call.signal,
      onSegment: () => progress.advance(),
    });
  } finally {
    progress.stop();
  }
}

const progressOf = ({ json }: Call<VerifyOptions>, name: string): Promise<Progress> =>
  showProgress({ doing: `verifying ${name}`, noun: 'segment', quiet: json });

/** What still waits at the source is no gap. An archive can be verified while the source is away. */
async function segmentsAtSource({ source }: ArchivedSource): Promise<SegmentName[]> {
  if (source === undefined) return [];
  try {
    return await segmentsAt(source);
  } catch (error) {
    if (!isWalqError(error, 'source-unavailable')) throw error;
    note(`walq: ${printable(error.message)}; what waits there counts as missing`);
    return [];
  }
}

async function report(
  { json }: Call<VerifyOptions>,
  parts: readonly SourceVerification[],
): Promise<number> {
  const segments = parts.reduce((sum, part) => sum + part.segments, 0);
  const gaps = parts.flatMap((part) => part.gaps);
  const corrupt = parts.flatMap((part) => part.corrupt);
  const ok = gaps.length === 0 && corrupt.length === 0;
  if (json) await printJson({ ok, segments, gaps, corrupt: corrupt.map(withoutMessage) });
  else await printReport(segments, gaps, corrupt);
  return ok ? 0 : 1;
}

const withoutMessage = ({ source, segment, code }: CorruptSegment) => ({ source, segment, code });

async function printReport(
  segments: number,
  gaps: readonly Gap[],
  corrupt: readonly CorruptSegment[],
): Promise<void> {
  for (const { source, after, before, missing } of gaps) {
    const where = `between ${printable(after)} and ${printable(before)}`;
    await print(`gap      ${source}: ${showCount(missing, 'segment')} missing ${where}`);
  }
  for (const { source, segment, code, message } of corrupt) {
    await print(`corrupt  ${source}: ${printable(segment)}: ${printable(message)} (${code})`);
  }
  const found = `${showCount(gaps.length, 'gap')}, ${corrupt.length} corrupt`;
  await print(`${showCount(segments, 'segment')} verified: ${found}`);
}
