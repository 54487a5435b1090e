/**
 * A worker like that of `walq worker`, except that its locks last for WALQ_TEST_LOCK_MS,
 * so that a test does not wait for a minute until the jobs of a killed worker are taken over.
 */
import { createConsumer } from '@walq/archive-queue';
import { createLogger } from '@walq/role';
import {
  createArchiver,
  createArchiveThreads,
  nodeDisk,
  openStores,
} from '@walq/wal-core/internal';
import { loadConfig } from '@walq/config';
import { once } from 'node:events';

const [, , configPath] = process.argv;
const config = await loadConfig({
  disk: nodeDisk,
  cwd: process.cwd(),
  env: process.env,
  configPath,
  flags: [],
});
const parallelism = Number(process.env.WALQ_TEST_PARALLELISM ?? 1);
const storeOf = openStores(config.sources, nodeDisk);
const archiver = createArchiver({
  disk: nodeDisk,
  threads: createArchiveThreads({ parallelism }),
  storeOf,
  level: config.compression.level,
  conservative: config.wal.conservativeMode,
  worker: `test:${process.pid}`,
});
const logger = await createLogger({ level: 'debug', format: 'json' });
const consumer = createConsumer({
  sources: config.sources.map((source) => ({ source, store: storeOf(source) })),
  archiver,
  redis: config.redis,
  logger,
  lockDurationMs: Number(process.env.WALQ_TEST_LOCK_MS),
  onEvent: ({ kind, segment, ...rest }) => logger.info({ segment, ...rest }, `segment ${kind}`),
});
await consumer.start();
logger.info('worker ready');
await once(process, 'SIGTERM');
await consumer.close();
await archiver.close();
