import { directorySource, type Source } from '@walq/wal-core/internal';

/** A source of files such as `wal-1.bin`, flushed by a watermark and deleted once archived. */
export const binarySource = (name: string, directory: string): Source =>
  directorySource({
    name,
    directory,
    pattern: /^wal-(?<number>\d+)\.bin$/,
    afterArchive: 'delete',
  });
