/** The schema of `walq.toml`: every option with its meaning, unit and default. */
import { z } from 'zod';
import { parseAddress } from './address.ts';
import { archiveTable } from './archive-table.ts';
import { logFormats, logLevels } from './config.ts';
import { DEFAULT_BATCH_LIMITS, FALLBACK_LEVEL } from '@walq/wal-core/internal';
import { dashboardTable } from './dashboard-table.ts';
import { parseDuration } from './duration.ts';
import { option, parsedText, serverUrl } from './option.ts';
import { redisTable } from './redis-table.ts';
import { sourceTable } from './source-table.ts';

const queueTable = z.strictObject({
  name: option(
    z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/)
      .default('wal-archive'),
    {
      meaning: 'prefix of the queue names in Redis; the source’s name follows',
      expected: 'letters, digits, dots, dashes and underscores, 64 at most',
      default: '"wal-archive"',
    },
  ),
  batch_segments: option(z.int().min(1).max(512).default(DEFAULT_BATCH_LIMITS.segmentsMax), {
    meaning: 'most segments in one job',
    expected: 'an integer from 1 to 512',
    unit: 'segments',
    default: '64',
  }),
  batch_bytes: option(z.int().min(1).default(DEFAULT_BATCH_LIMITS.bytesMax), {
    meaning: 'most bytes in one job; a larger segment has a job of its own',
    expected: 'an integer from 1',
    unit: 'bytes',
    default: '16777216',
  }),
});

const walTable = z.strictObject({
  conservative_mode: option(z.boolean().default(true), {
    meaning:
      'true: read each stored object back and compare it with its source; false: compare the compressed stream before it is stored',
    expected: 'true or false',
    default: 'true',
  }),
  archive_parallelism: option(z.int().min(1).max(1024).optional(), {
    meaning: 'segments that a worker process archives at once',
    expected: 'an integer from 1 to 1024',
    unit: 'segments',
    default: 'the number of cores, or the container’s limit',
  }),
  archive_nice: option(z.int().min(0).max(19).default(10), {
    meaning: 'nice value of archiving threads (Linux), 0–19',
    expected: 'an integer from 0 to 19',
    default: '10',
  }),
  archive_async: option(z.boolean().default(true), {
    meaning:
      'true: an engine’s flush returns immediately, and its segments are queued; false: it waits until they are archived',
    expected: 'true or false',
    default: 'true',
  }),
});

const compressionTable = z.strictObject({
  level: option(z.union([z.literal('auto'), z.int().min(1).max(19)]).default(FALLBACK_LEVEL), {
    meaning:
      'zstd compression level; "auto" picks for each source the fastest of levels 1 to 3 whose ratio is within 1% of the best',
    expected: 'an integer from 1 to 19, or "auto"',
    default: '3',
  }),
  dictionary: option(z.string().min(1).default('off'), {
    meaning:
      'zstd dictionary; "train" uses the latest one that walq train stored for the source, if there is one',
    expected: '"off", "train", or the path of a dictionary file',
    default: '"off"',
  }),
});

const metricsTable = z.strictObject({
  listen: option(
    z
      .union([z.literal('off'), parsedText(parseAddress)])
      .default({ host: '127.0.0.1', port: 9464 }),
    {
      meaning:
        'address for /metrics, /healthz and /readyz of a role, without authentication; each role on a host needs its own (walq up counts up from this port)',
      expected: '"host:port", or "off"',
      default: '"127.0.0.1:9464"',
    },
  ),
  allowed_hosts: option(z.array(z.string().min(1).toLowerCase()).default([]), {
    meaning:
      'further host names to accept in requests for metrics; IP addresses, names without a dot and the host’s own name are always accepted',
    expected: 'a list of host names',
    default: '[]',
  }),
});

const workerTable = z.strictObject({
  shutdown_grace: option(parsedText(parseDuration).default(1_000), {
    meaning:
      'how long a worker continues with the segments in progress after SIGTERM, before it returns them to the queue',
    expected: 'a duration such as "30s"',
    default: '"1s"',
  }),
});

const telemetryTable = z.strictObject({
  traces: option(z.enum(['off', 'otlp']).default('off'), {
    meaning: 'send a trace of each job, from flush to delete, to an OpenTelemetry collector',
    expected: '"off" or "otlp"',
    default: '"off"',
  }),
  endpoint: option(serverUrl.default('http://127.0.0.1:4318/v1/traces'), {
    meaning: 'URL of the collector (OTLP over HTTP)',
    expected: 'an http:// or https:// URL',
    default: '"http://127.0.0.1:4318/v1/traces"',
  }),
});

const logTable = z.strictObject({
  level: option(z.enum(logLevels).default('info'), {
    meaning: 'log level of the roles',
    expected: logLevels.map((level) => `"${level}"`).join(', '),
    default: '"info"',
  }),
  format: option(z.enum(logFormats).default('auto'), {
    meaning:
      'log format of the roles on standard output: JSON lines or text; "auto" is text at a terminal and JSON elsewhere',
    expected: logFormats.map((format) => `"${format}"`).join(', '),
    default: '"auto"',
  }),
});

export const configurationSchema = z.strictObject({
  redis: redisTable.prefault({}),
  queue: queueTable.prefault({}),
  wal: walTable.prefault({}),
  compression: compressionTable.prefault({}),
  archive: archiveTable.prefault({}),
  sources: z.record(z.string(), sourceTable).prefault({}),
  worker: workerTable.prefault({}),
  dashboard: dashboardTable.prefault({}),
  metrics: metricsTable.prefault({}),
  telemetry: telemetryTable.prefault({}),
  log: logTable.prefault({}),
});

export type ConfigurationTable = z.infer<typeof configurationSchema>;
