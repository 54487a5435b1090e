/**
 * Entry of the process in which the library archives without Redis, as it would in an engine of its own:
 *
 *     node cleaning-process.js CONFIGURATION PARALLELISM WAY
 */
import { createCleaner } from '@walq/wal-core/internal';
import { timed } from '../measure/process-meter.ts';
import { configAt } from './contestant.ts';

export type CleaningWay = 'sync' | 'parallel';

/** Answered with the milliseconds that it took. */
export interface CleaningOrder {
  readonly upTo: string;
}

const [configPath = '', parallelism = '1', way] = process.argv.slice(2);
const { config, source } = await configAt(configPath, {});
const { level } = config.compression;
// The place writes a number, so that all contestants compress alike.
if (level === 'auto') throw new Error('a measurement names its level');
const cleaner = createCleaner({
  source,
  archiveUrl: source.archiveUrl,
  level,
  nice: config.wal.archiveNice,
  parallelism: Number(parallelism),
});

// What is not archived is found by whoever verifies; what cannot run ends this process with its message.
const obey = async ({ upTo }: CleaningOrder): Promise<unknown> =>
  process.send?.(
    await timed(() => (way === 'sync' ? cleaner.cleanupUpToSync(upTo) : cleaner.cleanupUpTo(upTo))),
  );

process.on('disconnect', () => process.exit());
process.on('message', (order: CleaningOrder) => {
  obey(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.send?.('ready');
