import { z } from 'zod';
import { S3_DEFAULTS } from '@walq/wal-core/internal';
import { ARCHIVE_URL_EXPECTED } from './archive-url.ts';
import { parseDuration } from './duration.ts';
import { option, parsedText, reportKey, serverUrl } from './option.ts';
import { archiveUrl } from './source-table.ts';

const text = z.string().min(1);
const duration = parsedText((written) => parseDuration(written) || undefined);
const { stagingBytesMax, deadlines } = S3_DEFAULTS;

/** `[archive.s3]`: how the server of an archive `s3://bucket/prefix` is reached. */
const s3Table = z
  .strictObject({
    endpoint: option(serverUrl.optional(), {
      meaning: 'the server, where it is not AWS',
      expected: 'an http:// or https:// URL',
      default: 'what AWS_ENDPOINT_URL_S3 says, else AWS',
    }),
    region: option(text.optional(), {
      meaning: 'the region of the bucket',
      expected: 'a name such as "eu-central-1"',
      default: 'what AWS_REGION or the profile says; "us-east-1" with an endpoint',
    }),
    addressing: option(z.enum(['path', 'virtual-host']).optional(), {
      meaning: 'whether the bucket stands in the path of a request or in the name of its host',
      expected: '"path" or "virtual-host"',
      default: '"path" with an endpoint, else "virtual-host"',
    }),
    ca_file: option(text.optional(), {
      meaning: 'certificate authorities (PEM) to trust instead of the system’s',
      expected: 'the path of a file',
    }),
    encryption: option(z.enum(['AES256', 'aws:kms', 'aws:kms:dsse']).optional(), {
      meaning: 'what the server is told to encrypt objects with',
      expected: '"AES256", "aws:kms" or "aws:kms:dsse"',
      default: 'as the bucket has it',
    }),
    kms_key_id: option(text.optional(), {
      meaning: 'the key to encrypt with, beside an encryption by KMS',
      expected: 'the id or ARN of a key',
      default: 'the account’s own',
    }),
    staging: option(text.optional(), {
      meaning:
        'a local directory for objects on their way to the server or from it; one that survives a restart spares compressing them again',
      expected: 'the path of a directory',
      default: 'staging in $STATE_DIRECTORY, or in ~/.local/state/walq',
    }),
    staging_bytes_max: option(z.int().min(1).default(stagingBytesMax), {
      meaning:
        'begins no further upload while this much is staged for one archive; what is under way may go beyond',
      expected: 'an integer from 1',
      unit: 'bytes',
      default: '4294967296',
    }),
    connect_timeout: option(duration.default(deadlines.connectMs), {
      meaning: 'how long it may take to reach the server',
      expected: 'a duration such as "10s"',
      default: '"10s"',
    }),
    idle_timeout: option(duration.default(deadlines.idleMs), {
      meaning: 'how long the server may say and take nothing, before the call is given up',
      expected: 'a duration such as "30s"',
      default: '"30s"',
    }),
    call_timeout: option(duration.default(deadlines.callMs), {
      meaning:
        'how long a call may take as a whole; to it comes a second for each 64 KiB that it moves',
      expected: 'a duration such as "60s"',
      default: '"60s"',
    }),
  })
  .superRefine((s3, context) => {
    reportKey(
      context,
      'kms_key_id',
      s3.kms_key_id !== undefined && s3.encryption?.startsWith('aws:kms') !== true,
      'belongs to encryption = "aws:kms", which is not given',
    );
  });

export const archiveTable = z.strictObject({
  url: option(archiveUrl.optional(), {
    meaning: 'the archive of all sources that name none of their own',
    expected: ARCHIVE_URL_EXPECTED,
  }),
  max_bytes_per_second: option(z.int().min(1024).optional(), {
    meaning:
      'how much a process writes to archives in a second, with all its threads together; burdens the network or the disk no more than that',
    expected: 'an integer from 1024',
    unit: 'bytes a second',
    default: 'no limit',
  }),
  s3: s3Table.prefault({}),
});

export type ArchiveTable = z.infer<typeof archiveTable>;
