import { temporaryDirectory } from '@walq/test-support';
import { patternNaming, type Source } from '@walq/wal-core/internal';

/** A directory source on an empty directory of its own. */
export async function aSource(): Promise<Source> {
  const directory = await temporaryDirectory('source');
  return {
    name: 'orders',
    directory: directory.path,
    type: 'directory',
    naming: patternNaming(/^wal-(?<number>\d+)$/, 10),
    sealedRule: { kind: 'watermark' },
    afterArchive: 'delete',
    consecutive: true,
  };
}

export const segmentOf = (number: number) => ({ name: `wal-${number}`, number: BigInt(number) });
