/** A process that blocks on cleanupUpToSync, and says what it threw. */
import { createCleaner, directorySource } from '@walq/wal-core/internal';
const [directory, archive, segment] = process.argv.slice(2);
const source = directorySource({
  name: 'orders',
  directory,
  pattern: /^wal-(?<number>\d+)\.bin$/,
  afterArchive: 'delete',
});
const cleaner = createCleaner({ source, archiveUrl: 'file://' + archive, parallelism: 1 });
try {
  cleaner.cleanupUpToSync(segment);
} catch (error) {
  process.stdout.write(error.code + ': ' + error.message + '\n');
}
await cleaner.close();
