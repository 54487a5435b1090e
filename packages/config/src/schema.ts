/** The one schema of `walq.toml`: every option with its meaning, its unit and its default. */
import { z } from 'zod';
import { parseAddress } from './address.ts';
import { archiveTable } from './archive-table.ts';
import { logFormats, logLevels } from './config.ts';
import { FALLBACK_LEVEL } from '@walq/wal-core/internal';
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
      meaning: 'what the names of the queues in Redis begin with; the source’s name follows',
      expected: 'letters, digits, dots, dashes and underscores, 64 at most',
      default: '"wal-archive"',
    },
  ),
});

const walTable = z.strictObject({
  conservative_mode: option(z.boolean().default(true), {
    meaning:
      'reads each stored object back and compares it with its source; without it the compressed stream is compared before it is stored',
    expected: 'true or false',
    default: 'true',
  }),
  archive_parallelism: option(z.int().min(1).max(1024).optional(), {
    meaning: 'how many segments one worker process archives at once',
    expected: 'an integer from 1 to 1024',
    unit: 'segments',
    default: 'the cores, or the container’s limit',
  }),
  archive_nice: option(z.int().min(0).max(19).default(10), {
    meaning:
      'how much the threads that archive give way to all else that wants the processor (Linux); costs nothing while a core is idle',
    expected: 'an integer from 0, not at all, to 19',
    default: '10',
  }),
  archive_async: option(z.boolean().default(true), {
    meaning:
      'lets an engine’s flush only announce its segments; without it the flush waits until they are archived',
    expected: 'true or false',
    default: 'true',
  }),
});

const compressionTable = z.strictObject({
  level: option(z.union([z.literal('auto'), z.int().min(1).max(19)]).default(FALLBACK_LEVEL), {
    meaning:
      'how hard zstd tries; "auto" measures for each source which is the fastest of 1 to 3 whose ratio is within 1% of the best of them',
    expected: 'an integer from 1 to 19, or "auto"',
    default: '3',
  }),
  dictionary: option(z.string().min(1).default('off'), {
    meaning:
      'which zstd dictionary segments are compressed with; "train" uses for each source what walq train stored for it last, and none where that is nothing',
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
        'where each role serves /metrics, /healthz and /readyz, without authentication; roles on one host need a port each, which walq up sees to by counting up from here',
      expected: '"host:port", or "off"',
      default: '"127.0.0.1:9464"',
    },
  ),
  allowed_hosts: option(z.array(z.string().min(1).toLowerCase()).default([]), {
    meaning:
      'host names, beyond addresses, names without a dot and the host’s own, under which metrics are asked for; others are refused, so that a web page cannot read them through a name of its own',
    expected: 'a list of host names',
    default: '[]',
  }),
});

const workerTable = z.strictObject({
  shutdown_grace: option(parsedText(parseDuration).default(1_000), {
    meaning:
      'how long a worker that is told to end goes on with the segments in work, before it gives them back',
    expected: 'a duration such as "30s"',
    default: '"1s"',
  }),
});

const telemetryTable = z.strictObject({
  traces: option(z.enum(['off', 'otlp']).default('off'), {
    meaning: 'sends a trace of each segment, from flush to delete, to an OpenTelemetry collector',
    expected: '"off" or "otlp"',
    default: '"off"',
  }),
  endpoint: option(serverUrl.default('http://127.0.0.1:4318/v1/traces'), {
    meaning: 'where the collector takes traces (OTLP over HTTP)',
    expected: 'an http:// or https:// URL',
    default: '"http://127.0.0.1:4318/v1/traces"',
  }),
});

const logTable = z.strictObject({
  level: option(z.enum(logLevels).default('info'), {
    meaning: 'how much the roles log',
    expected: logLevels.map((level) => `"${level}"`).join(', '),
    default: '"info"',
  }),
  format: option(z.enum(logFormats).default('auto'), {
    meaning:
      'format of the roles’ logs on standard output: JSON lines, or text for people; "auto" is text at a terminal and JSON elsewhere',
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
