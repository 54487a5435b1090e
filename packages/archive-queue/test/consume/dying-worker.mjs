/** A worker process that dies, as from SIGKILL, whenever it is given the segment of its last argument. */
import { createConsumer } from '@walq/archive-queue';
import { directorySource, openStore } from '@walq/wal-core/internal';
import { pino } from 'pino';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [redis, directory, archive, deadly] = process.argv.slice(2);

const source = directorySource({
  name: 'orders',
  directory,
  pattern: /^wal-(?<number>\d+)\.bin$/,
  afterArchive: 'delete',
});

const archiver = {
  parallelism: 3,
  busy: 0,
  inWork: () => [],
  archive: async (_, segments) => {
    const results = [];
    for (const segment of segments) results.push(await archiveOne(segment));
    return results;
  },
  close: async () => undefined,
};

async function archiveOne(segment) {
  if (segment === deadly) {
    await sleep(50);
    process.kill(process.pid, 'SIGKILL');
  }
  await sleep(100);
  // Archived already by a worker that died with its batch.
  await rm(join(directory, segment), { force: true });
  return {
    segment,
    report: { segment, bytesIn: 8, bytesOut: 4, durationMs: 1, outcome: 'archived' },
  };
}

const consumer = createConsumer({
  sources: [{ source, store: openStore(archive) }],
  archiver,
  redis,
  logger: pino({ level: 'warn' }),
  lockDurationMs: 1_000,
});
await consumer.start();
