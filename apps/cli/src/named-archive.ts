/** An archive that the command line names, instead of the configuration. */
import {
  isS3Url,
  nodeDisk,
  openStoreOf,
  parseArchiveUrl,
  type ArchivedAt,
  type ArchiveStore,
} from '@walq/wal-core';
import type { Call } from './command.ts';
import { UsageError } from './usage-error.ts';

/** How a server of S3 is reached is said by the environment, or by a configuration where there is one. */
export async function namedArchive(
  { loadConfig }: Pick<Call, 'loadConfig'>,
  text: string,
): Promise<ArchivedAt> {
  const archiveUrl = readArchiveUrl(text);
  if (!isS3Url(archiveUrl)) return { archiveUrl };
  const { archive } = await loadConfig();
  return { archiveUrl, archiveSettings: archive.settings };
}

export const openNamedArchive = async (
  call: Pick<Call, 'loadConfig'>,
  text: string,
): Promise<ArchiveStore> => openStoreOf(await namedArchive(call, text), nodeDisk);

function readArchiveUrl(text: string): string {
  const url = parseArchiveUrl(text, process.cwd());
  if (url !== undefined) return url;
  throw new UsageError(
    `'${text}' is not an archive`,
    'Give a file:// URL, a path, or s3://bucket/prefix.',
  );
}
