/** Where an archive is: one that the command line names instead of the configuration, or one that is still to be made. */
import { hideSecrets, readArchiveUrl } from '@walq/config';
import {
  isS3Url,
  nodeDisk,
  openStoreOf,
  type ArchiveAddress,
  type ArchiveStore,
  readIdentity,
  type Source,
} from '@walq/wal-core/internal';
import type { Call } from '../command-line/command.ts';
import { UsageError } from '../command-line/usage-error.ts';

/** How a server of S3 is reached is said by the environment, or by a configuration where there is one. */
export async function namedArchive(
  { loadConfig }: Pick<Call, 'loadConfig'>,
  text: string,
): Promise<ArchiveAddress> {
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

/**
 * Makes the directory of an archive for a source that is new, and tries whether it suits. Nothing of
 * such a source can be in an archive yet; for any other a missing directory means that the archive is
 * not mounted, and making one in its place would hide that.
 */
export async function makeArchiveFor(source: Source, archive: ArchiveAddress): Promise<void> {
  if ((await readIdentity(nodeDisk, source)) !== undefined) return;
  await openStoreOf(archive, nodeDisk).prepare();
}
