/**
 * Entry of the process in which the library archives without Redis, as it would in an engine of its own:
 *
 *     node cleaning-process.js CONFIGURATION PARALLELISM
 */
import { createCleaner } from '@walq/wal-core/internal';
import { mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compress } from 'zstd-napi';
import { timeCall } from '../measure/process-meter.ts';
import { configAt, type Cleaned } from './contestant.ts';

export type CleaningWay = 'sync' | 'parallel' | 'whole';

export interface CleaningOrder {
  readonly way: CleaningWay;
  readonly upTo: string;
}

export type CleaningAnswer = { readonly ready: true } | { readonly cleaned: Cleaned };

const [configPath = '', parallelism = '1'] = process.argv.slice(2);
const { config, source } = await configAt(configPath, {});
const { archiveUrl } = source;
const { level } = config.compression;
const { archiveNice: nice } = config.wal;
// The place writes a number, so that all contestants compress alike.
if (level === 'auto') throw new Error('a measurement names its level');
const cleaner = createCleaner({
  source,
  archiveUrl,
  level,
  nice,
  parallelism: Number(parallelism),
});

const ways: Readonly<Record<CleaningWay, (upTo: string) => unknown>> = {
  sync: (upTo) => cleaner.cleanupUpToSync(upTo),
  parallel: (upTo) => cleaner.cleanupUpTo(upTo),
  whole: (upTo) => compressWhole(source.directory, archiveUrl, upTo, level),
};

// What is not archived is found by whoever verifies; what cannot run ends this process with its message.
async function obey({ way, upTo }: CleaningOrder): Promise<void> {
  const cleaned = await timeCall(() => ways[way](upTo));
  answer({ cleaned });
}

const answer = (text: CleaningAnswer): unknown => process.send?.(text);

process.on('disconnect', () => process.exit());
process.on('message', (order: CleaningOrder) => {
  obey(order).catch(fail);
});
answer({ ready: true });

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

/**
 * What streaming is compared with: each file read, compressed and written as a whole, blocking the caller. Neither
 * proves nor fsyncs anything.
 */
function compressWhole(
  directory: string,
  archiveUrl: string,
  upTo: string,
  compressionLevel: number,
): void {
  const archive = join(fileURLToPath(archiveUrl), 'bench');
  mkdirSync(archive, { recursive: true });
  for (const name of readdirSync(directory).toSorted()) {
    if (name.startsWith('.') || name > upTo) continue;
    const path = join(directory, name);
    const compressed = compress(readFileSync(path), { compressionLevel });
    writeFileSync(join(archive, `${name}.zst`), compressed);
    unlinkSync(path);
  }
}
