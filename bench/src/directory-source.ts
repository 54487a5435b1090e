import { patternNaming, type Source } from '@walq/wal-core/internal';

/** A source of files such as `wal-1.bin`, flushed by a watermark and deleted once archived. */
export const directorySource = (name: string, directory: string): Source => ({
  name,
  directory,
  type: 'directory',
  naming: patternNaming(/^wal-(?<number>\d+)\.bin$/, 10),
  sealedRule: { kind: 'watermark' },
  afterArchive: 'delete',
  consecutive: true,
});
