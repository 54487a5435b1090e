/** What objects of some segments take, with a dictionary or without: made by the pipeline's own compression. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Dictionary } from '../../codec/dictionary.ts';
import { discard } from '../../base/disk/write-file-durably.ts';
import { nodeDisk } from '../../base/disk/node-disk.ts';
import { reasonOf } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { mapInOrder } from '../../reading/map-in-order.ts';
import { MANIFEST_VERSION } from '../../codec/manifest.ts';
import type { Threads } from '../../threads/threads.ts';

export interface MeasureOptions {
  readonly threads: Threads;
  /** Segments as plain files. */
  readonly files: readonly string[];
  /** For one object at a time of each thread. */
  readonly directory: string;
  readonly source: string;
  readonly level: number;
  readonly dictionary?: Dictionary | undefined;
  readonly signal: AbortSignal;
}

/** Bytes of all the objects together, manifests and all. */
export async function measureObjects(options: MeasureOptions): Promise<number> {
  let bytes = 0;
  const { files, threads } = options;
  for await (const one of mapInOrder(files, threads.parallelism, (file) =>
    measure(options, file),
  )) {
    bytes += one;
  }
  return bytes;
}

async function measure(options: MeasureOptions, sourcePath: string): Promise<number> {
  const { threads, level, dictionary, source, signal } = options;
  signal.throwIfAborted();
  const stagingPath = join(options.directory, `object-${randomUUID()}`);
  const file = await nodeDisk.openNew(stagingPath).catch(failed(stagingPath));
  try {
    await file.close();
    const manifest = {
      version: MANIFEST_VERSION,
      source,
      sourceId: randomUUID(),
      segment: 'a-name-of-usual-length',
      startedAt: new Date().toISOString(),
      worker: `host:${process.pid}`,
    } as const;
    const object = { sourcePath, stagingPath, format: 'raw', proof: 'inline', manifest } as const;
    const made = await threads.compress({ ...object, level, dictionary }, signal);
    return made.objectBytes;
  } finally {
    await discard(nodeDisk, stagingPath);
  }
}

const failed =
  (path: string) =>
  (cause: unknown): never => {
    throw new WalqError('destination-io', {
      message: `unable to make ${path}: ${reasonOf(cause)}`,
      cause,
    });
  };
