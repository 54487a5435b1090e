/** A process that blocks on cleanupUpToSync, and says what it threw. */
import { createCleaner, patternNaming } from '@walq/wal-core/internal';
const [directory, archive, segment] = process.argv.slice(2);
const source = {
  name: 'orders',
  directory,
  type: 'directory',
  naming: patternNaming(/^wal-(?<number>\d+)\.bin$/, 10),
  sealedRule: { kind: 'watermark' },
  afterArchive: 'delete',
  consecutive: true,
};
const cleaner = createCleaner({ source, archiveUrl: 'file://' + archive, parallelism: 1 });
try {
  cleaner.cleanupUpToSync(segment);
} catch (error) {
  process.stdout.write(error.code + ': ' + error.message + '\n');
}
await cleaner.close();
