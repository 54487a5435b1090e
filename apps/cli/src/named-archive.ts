/** An archive that the command line names, instead of the configuration. */
import { hideSecrets, readArchiveUrl } from '@walq/config';
import {
  isS3Url,
  nodeDisk,
  openStoreOf,
  type ArchivedAt,
  type ArchiveStore,
} from '@walq/wal-core/internal';
import type { Call } from './command.ts';
import { UsageError } from './usage-error.ts';

/** How a server of S3 is reached is said by the environment, or by a configuration where there is one. */
export async function namedArchive(
  { loadConfig }: Pick<Call, 'loadConfig'>,
  text: string,
): Promise<ArchivedAt> {
  const archiveUrl = archiveUrlOf(text);
  if (!isS3Url(archiveUrl)) return { archiveUrl };
  const { archive } = await loadConfig();
  return { archiveUrl, archiveSettings: archive.settings };
}

export const openNamedArchive = async (
  call: Pick<Call, 'loadConfig'>,
  text: string,
): Promise<ArchiveStore> => openStoreOf(await namedArchive(call, text), nodeDisk);

function archiveUrlOf(text: string): string {
  const { url, fault } = readArchiveUrl(text, process.cwd());
  if (fault === undefined) return url;
  throw new UsageError(
    `'${hideSecrets(text)}' is not an archive: ${fault}`,
    'Give a file:// URL, a path, or s3://bucket/prefix.',
  );
}
