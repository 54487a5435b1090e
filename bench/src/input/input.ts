/** The segments that every contestant gets, each time in fresh copies. */
import { logNaming } from '@walq/wal-core/internal';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchFailure } from '../bench-failure.ts';

export interface InputSegment {
  /** Its name at the source. */
  readonly name: string;
  /** Where its content is; never changed. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Input {
  /** What it is, for people. */
  readonly title: string;
  /** `log`: every record is checked while it is archived; `raw`: any files. */
  readonly kind: 'log' | 'raw';
  /** In their order. The first are archived before the clock starts, the last stays at the source. */
  readonly segments: readonly InputSegment[];
  /** Archived before the clock starts. */
  readonly warmUp: readonly InputSegment[];
  readonly measured: readonly InputSegment[];
}

interface Parts extends Pick<Input, 'title' | 'kind'> {
  readonly segments: readonly InputSegment[];
  readonly warmUpCount: number;
}

function inputOf({ title, kind, segments, warmUpCount }: Parts): Input {
  const warmUp = segments.slice(0, warmUpCount);
  return { title, kind, segments, warmUp, measured: segments.slice(warmUpCount, -1) };
}

export const bytesOf = (segments: readonly InputSegment[]): number =>
  segments.reduce((sum, { bytes }) => sum + bytes, 0);

async function segmentAt(path: string, name: string): Promise<InputSegment> {
  const { size } = await stat(path);
  return { name, path, bytes: size, sha256: await sha256Of(path) };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}

/** How the contestants see any files: numbered in the order of their names. */
export const rawName = (number: number): string => `wal-${String(number).padStart(6, '0')}.bin`;

interface ReadInputOptions {
  readonly directory: string;
  readonly title: string;
  readonly warmUpCount: number;
  /** At most so many are measured; the lowest ones. */
  readonly segments: number;
}

/**
 * A directory of segments as input: of walq's own log, or any files.
 *
 * @throws BenchFailure when there are too few
 */
export async function readInput(options: ReadInputOptions): Promise<Input> {
  const { directory, title, warmUpCount } = options;
  const names = await fileNames(directory);
  const least = warmUpCount + 2;
  if (names.length < least) {
    const message = `${directory} holds ${names.length} files, at least ${least} are needed`;
    const hint =
      'The first warm up, the last stays. Name another directory, or lower --parallelism.';
    throw new BenchFailure('cannot-measure', message, hint);
  }
  const used = names.slice(0, warmUpCount + options.segments + 1);
  const isLog = used.every((name) => logNaming.parse(name) !== undefined);
  const segments: InputSegment[] = [];
  for (const [index, name] of used.entries()) {
    segments.push(await segmentAt(join(directory, name), isLog ? name : rawName(index + 1)));
  }
  return inputOf({ title, kind: isLog ? 'log' : 'raw', segments, warmUpCount });
}

async function fileNames(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
  return files.map(({ name }) => name).toSorted();
}
