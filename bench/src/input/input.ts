/** The segments that every contestant gets, each time in fresh copies. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

export interface InputSegment {
  /** As it is called at the source. */
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

export function inputOf({ title, kind, segments, warmUpCount }: Parts): Input {
  const warmUp = segments.slice(0, warmUpCount);
  return { title, kind, segments, warmUp, measured: segments.slice(warmUpCount, -1) };
}

export const bytesOf = (segments: readonly InputSegment[]): number =>
  segments.reduce((sum, { bytes }) => sum + bytes, 0);

export async function segmentAt(path: string, name: string): Promise<InputSegment> {
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
