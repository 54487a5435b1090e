/** A process that blocks on cleanupUpToSync for each segment, says what came of it, and ends without closing anything. */
import { readdirSync } from 'node:fs';
import { createCleaner, directorySource } from '@walq/wal-core/internal';
const [directory, archive, ...segments] = process.argv.slice(2);
const source = directorySource({
  name: 'orders',
  directory,
  pattern: /^wal-(?<number>\d+)\.bin$/,
  afterArchive: 'delete',
});
const cleaner = createCleaner({ source, archiveUrl: 'file://' + archive, parallelism: 1 });
for (const segment of segments) {
  try {
    const { successCount } = cleaner.cleanupUpToSync(segment);
    const threadsCount = readdirSync('/proc/self/task').length;
    process.stdout.write(JSON.stringify({ successCount, threadsCount }) + '\n');
  } catch (error) {
    process.stdout.write(error.code + ': ' + error.message + '\n');
  }
}
