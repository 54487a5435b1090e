/** The one schema of `walq.toml`: every option with its meaning, its unit and its default. */
import { z } from 'zod';
import { parseAddress } from './address.ts';
import { ARCHIVE_URL_EXPECTED } from './archive-url.ts';
import { logLevels } from './config.ts';
import { option } from './option.ts';
import { parsedText } from './parsed-text.ts';
import { redisTable } from './redis-schema.ts';
import { archiveUrl, sourceTable } from './source-schema.ts';

const address = parsedText(parseAddress);

const healthOf = (role: string) =>
  option(address.optional(), {
    meaning: `where ${role} serves /healthz and /readyz`,
    expected: '"host:port"',
  });

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
  archive_async: option(z.boolean().default(true), {
    meaning:
      'lets an engine’s flush only announce its segments; without it the flush waits until they are archived',
    expected: 'true or false',
    default: 'true',
  }),
});

const compressionTable = z.strictObject({
  level: option(z.int().min(1).max(19).default(3), {
    meaning: 'how hard zstd tries',
    expected: 'an integer from 1 to 19 ("auto" comes with a later version of walq)',
    default: '3',
  }),
  dictionary: option(z.literal('off').default('off'), {
    meaning: 'which dictionary small segments are compressed with',
    expected: '"off" (dictionaries come with a later version of walq)',
    default: '"off"',
  }),
});

const archiveTable = z.strictObject({
  url: option(archiveUrl.optional(), {
    meaning: 'the archive of all sources that name none of their own',
    expected: ARCHIVE_URL_EXPECTED,
  }),
});

const dashboardTable = z.strictObject({
  listen: option(address.default({ host: '127.0.0.1', port: 9464 }), {
    meaning: 'where the dashboard serves its pages, /healthz and /readyz',
    expected: '"host:port"',
    default: '"127.0.0.1:9464"',
  }),
  read_only: option(z.boolean().default(true), {
    meaning: 'lets the dashboard show the queues but change nothing in them',
    expected: 'true or false',
    default: 'true',
  }),
});

const logTable = z.strictObject({
  level: option(z.enum(logLevels).default('info'), {
    meaning: 'how much the roles log',
    expected: logLevels.map((level) => `"${level}"`).join(', '),
    default: '"info"',
  }),
});

export const configurationSchema = z.strictObject({
  redis: redisTable.prefault({}),
  queue: queueTable.prefault({}),
  wal: walTable.prefault({}),
  compression: compressionTable.prefault({}),
  archive: archiveTable.prefault({}),
  sources: z.record(z.string(), sourceTable).prefault({}),
  producer: z.strictObject({ health: healthOf('the producer') }).prefault({}),
  worker: z.strictObject({ health: healthOf('the worker') }).prefault({}),
  dashboard: dashboardTable.prefault({}),
  log: logTable.prefault({}),
});

export type ConfigurationTable = z.infer<typeof configurationSchema>;
