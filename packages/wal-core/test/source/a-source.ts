import { temporaryDirectory } from '@walq/test-support';
import { directorySource, type Source } from '@walq/wal-core/internal';

/** A directory source on an empty directory of its own. */
export async function aSource(): Promise<Source> {
  const directory = await temporaryDirectory('source');
  return directorySource({
    name: 'orders',
    directory: directory.path,
    pattern: /^wal-(?<number>\d+)$/,
    afterArchive: 'delete',
  });
}

export const segmentOf = (number: number) => ({ name: `wal-${number}`, number: BigInt(number) });
