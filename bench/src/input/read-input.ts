/** A directory of segments as input: of walq's own log, or any files. */
import { logNaming } from '@walq/wal-core/internal';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchFailure } from '../bench-failure.ts';
import { inputOf, rawName, segmentAt, type Input, type InputSegment } from './input.ts';

export interface ReadInputOptions {
  readonly directory: string;
  readonly title: string;
  readonly warmUpCount: number;
  /** At most so many are measured; the lowest ones. */
  readonly segments: number;
}

/** @throws BenchFailure when there are too few */
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
