import { z } from 'zod';
import { S3_DEFAULTS } from '@walq/wal-core/internal';
import { ARCHIVE_URL_EXPECTED } from './archive-url.ts';
import { parseDuration } from './duration.ts';
import { option, parsedText, reportKey, serverUrl } from './option.ts';
import { archiveUrl } from './source-table.ts';

const text = z.string().min(1);
const duration = parsedText((written) => parseDuration(written) || undefined);
const { stagingBytesMax, deadlines } = S3_DEFAULTS;

/** `[archive.s3]`: the server and settings of archives with a URL `s3://bucket/prefix`. */
const s3Table = z
  .strictObject({
    endpoint: option(serverUrl.optional(), {
      meaning: 'URL of the S3 server, if it is not AWS',
      expected: 'an http:// or https:// URL',
      default: 'AWS_ENDPOINT_URL_S3, else AWS',
    }),
    region: option(text.optional(), {
      meaning: 'region of the bucket',
      expected: 'a name such as "eu-central-1"',
      default: 'AWS_REGION or the AWS profile; "us-east-1" with an endpoint',
    }),
    addressing: option(z.enum(['path', 'virtual-host']).optional(), {
      meaning: 'where a request names the bucket: in its path or in its host name',
      expected: '"path" or "virtual-host"',
      default: '"path" with an endpoint, else "virtual-host"',
    }),
    ca_file: option(text.optional(), {
      meaning: 'file of certificate authorities (PEM) to trust instead of the system’s',
      expected: 'the path of a file',
    }),
    encryption: option(z.enum(['AES256', 'aws:kms', 'aws:kms:dsse']).optional(), {
      meaning: 'server-side encryption of objects',
      expected: '"AES256", "aws:kms" or "aws:kms:dsse"',
      default: 'the bucket’s setting',
    }),
    kms_key_id: option(text.optional(), {
      meaning: 'KMS key for server-side encryption; needs encryption = "aws:kms" or "aws:kms:dsse"',
      expected: 'the id or ARN of a key',
      default: 'the account’s default key',
    }),
    staging: option(text.optional(), {
      meaning:
        'local directory for objects during upload and download; if it survives a restart, they are not compressed again',
      expected: 'the path of a directory',
      default: 'staging in $STATE_DIRECTORY, or in ~/.local/state/walq',
    }),
    staging_bytes_max: option(z.int().min(1).default(stagingBytesMax), {
      meaning:
        'start no upload while this many bytes are staged for one archive; uploads in flight may exceed it',
      expected: 'an integer from 1',
      unit: 'bytes',
      default: '4294967296',
    }),
    connect_timeout: option(duration.default(deadlines.connectMs), {
      meaning: 'abort a connection attempt after this long',
      expected: 'a duration such as "10s"',
      default: '"10s"',
    }),
    idle_timeout: option(duration.default(deadlines.idleMs), {
      meaning: 'abort a request after this long without progress',
      expected: 'a duration such as "30s"',
      default: '"30s"',
    }),
    call_timeout: option(duration.default(deadlines.callMs), {
      meaning: 'abort a request after this long in total, plus one second per 64 KiB transferred',
      expected: 'a duration such as "60s"',
      default: '"60s"',
    }),
  })
  .superRefine((s3, context) => {
    reportKey(
      context,
      'kms_key_id',
      s3.kms_key_id !== undefined && s3.encryption?.startsWith('aws:kms') !== true,
      'needs encryption = "aws:kms" or "aws:kms:dsse"',
    );
  });

export const archiveTable = z.strictObject({
  url: option(archiveUrl.optional(), {
    meaning: 'archive of all sources that have no archive of their own',
    expected: ARCHIVE_URL_EXPECTED,
  }),
  max_bytes_per_second: option(z.int().min(1024).optional(), {
    meaning: 'write limit per process, in bytes per second',
    expected: 'an integer from 1024',
    unit: 'bytes per second',
    default: 'no limit',
  }),
  s3: s3Table.prefault({}),
});

export type ArchiveTable = z.infer<typeof archiveTable>;
