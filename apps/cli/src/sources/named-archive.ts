/** Opens an archive that the command line names, and creates one for a new source. */
import { hideSecrets, readArchiveUrl } from '@walq/config/values';
import {
  isS3Url,
  nodeDisk,
  openStoreOf,
  type ArchiveAddress,
  type ArchiveStore,
  readIdentity,
  type Source,
} from '@walq/wal-core/light';
import type { Call } from '../command-line/command.ts';
import { UsageError } from '../command-line/usage-error.ts';

/** The settings of an S3 server come from the environment and the configuration. */
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
    'Use a file:// URL, a path, or s3://bucket/prefix.',
  );
}

/**
 * Creates the archive directory for a new source and probes it. For a known source a missing directory means that
 * the archive is not mounted, and creating one would hide that.
 */
export async function makeArchiveFor(source: Source, archive: ArchiveAddress): Promise<void> {
  if ((await readIdentity(nodeDisk, source)) !== undefined) return;
  await openStoreOf(archive, nodeDisk).prepare();
}
