/** What a checked table `[archive]` says of how archives are reached, with what its files hold. */
import { join, resolve } from 'node:path';
import type { ArchiveSettings } from '@walq/wal-core/internal';
import type { ArchiveTable } from './archive-schema.ts';
import type { Environment } from './environment.ts';
import { readNamedFile, type Reading } from './named-file.ts';
import { stateDirectory } from './own-directories.ts';
import type { Settings } from './settings.ts';

export async function archiveSettingsOf(
  { s3, max_bytes_per_second: maxBytesPerSecond }: ArchiveTable,
  reading: Reading,
  env: Environment,
): Promise<ArchiveSettings> {
  const certificateAuthority = await readNamedFile(
    reading,
    ['archive', 's3', 'ca_file'],
    s3.ca_file,
  );
  return {
    maxBytesPerSecond,
    s3: {
      certificateAuthority,
      endpoint: s3.endpoint,
      region: s3.region,
      addressing: s3.addressing,
      encryption: s3.encryption,
      kmsKeyId: s3.kms_key_id,
      stagingDirectory: stagingOf(s3.staging, reading.settings, env),
      stagingBytesMax: s3.staging_bytes_max,
      deadlines: {
        connectMs: s3.connect_timeout,
        idleMs: s3.idle_timeout,
        callMs: s3.call_timeout,
      },
    },
  };
}

function stagingOf(
  path: string | undefined,
  settings: Settings,
  env: Environment,
): string | undefined {
  if (path === undefined) {
    const own = stateDirectory(env);
    return own === undefined ? undefined : join(own, 'staging');
  }
  return resolve(settings.originOf(['archive', 's3', 'staging']).baseDirectory, path);
}
