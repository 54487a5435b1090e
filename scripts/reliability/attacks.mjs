/**
 * What attacks which promise: where the tests are, and who says whether something was lost. `tests` picks some of
 * a file's by their titles; `files` is a path's beginning.
 */
const CHECKER = '`zstd`, `cmp`';
const SIMULATION = 'the checker of the simulation';
const ORIGINALS = 'originals kept aside';

export const attacks = [
  {
    promises: 'I1 I3 I5',
    attack: 'archiving killed (SIGKILL) before every change to the disk',
    judge: CHECKER,
    files: 'test/crash/archiving.test.ts',
    tests: /^killed before/,
  },
  {
    promises: 'I1 I3 I5',
    attack: 'the same beside a twin at the same segments',
    judge: CHECKER,
    files: 'test/crash/archiving.test.ts',
    tests: /twin/,
  },
  {
    promises: 'I1 I3 I5',
    attack:
      'archiving to S3 killed around every change to the disk, every request and every answer, alone and beside a twin',
    judge: CHECKER,
    files: 'test/s3/crash.test.ts',
  },
  {
    promises: 'I1 I2 I4',
    attack: 'a producer killed before every change to the disk while it writes its watermark',
    judge: CHECKER,
    files: 'test/crash/producing.test.ts',
  },
  {
    promises: 'I5',
    attack: 'a restore killed before every change to the disk, then resumed',
    judge: '`cmp`',
    files: 'test/crash/restoring.test.ts',
  },
  {
    promises: '–',
    attack: 'the log writer killed before every change to the disk: what was acknowledged is there',
    judge: 'the log’s reader',
    files: 'test/crash/log-writer.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'prune killed at each of its steps, the first removal and later ones',
    judge: 'verify, restore',
    files: 'packages/wal-core/test/prune/killed.test.ts',
  },
  {
    promises: 'I1 I3',
    attack: 'repair killed at each of its steps, twice; three repairs at once',
    judge: ORIGINALS,
    files: 'packages/wal-core/test/repair/killed.test.ts',
  },
  {
    promises: 'I1 I3 I5',
    attack: 'each call to the disk fails while a segment is archived, or its answer is lost',
    judge: ORIGINALS,
    files: 'packages/wal-core/test/pipeline/faults.test.ts',
  },
  {
    promises: 'I1 I4 I5',
    attack:
      'power cut after every call, with nothing, all or some of it kept; every fsync left out in turn',
    judge: 'a disk in memory that drops what was not fsynced',
    files: 'packages/wal-core/test/lost-writes/',
  },
  {
    promises: 'I1 I5',
    attack: 'power cut of a real ext4 before each step (as root)',
    judge: CHECKER,
    files: 'test/power-cut/archiving.test.ts',
  },
  {
    promises: 'I1–I6',
    attack: 'simulated histories of the whole with faults from a seed',
    judge: SIMULATION,
    files: 'test/simulation/test/',
    tests: /^histories/,
  },
  {
    promises: 'I1–I5',
    attack: 'ten planted bugs, each found within 1,000 histories',
    judge: SIMULATION,
    files: 'test/simulation/test/planted.test.ts',
    tests: /^a planted bug/,
  },
  {
    promises: 'I1 I3 I4',
    attack:
      'real roles killed in mid-segment, frozen past their lease, told to end; Redis away, emptied, full',
    judge: CHECKER,
    files: 'test/integration/',
  },
  {
    promises: 'I4 I6',
    attack: 'a real worker with an archive that is full, or read-only, and then is not (as root)',
    judge: CHECKER,
    files: 'test/e2e/archive-',
    tests: /^(a full archive|an archive that is read-only)/,
  },
  {
    promises: 'I2 I4',
    attack:
      'real roles at a source that is not mounted, is another’s, began anew, or has odd names',
    judge: CHECKER,
    files: 'test/e2e/source-in-trouble.test.ts',
  },
  {
    promises: 'I1 I4 I6',
    attack:
      'real roles while Redis fails over under Sentinel, killed or hung, and connections go dark',
    judge: CHECKER,
    files: 'test/faults/redis-',
  },
  {
    promises: 'I1 I4',
    attack: 'real roles on a host whose clock moves by an hour, either way',
    judge: CHECKER,
    files: 'test/faults/clock-moves.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'real roles whose disk says EIO to reading, writing or fsync, or ENOSPC, then is well',
    judge: CHECKER,
    files: 'test/faults/io-errors.test.ts',
  },
  {
    promises: 'I1 I4',
    attack:
      'real roles while an ext4 is shut down and mounted anew, or read-only in mid-work (as root)',
    judge: CHECKER,
    files: 'test/faults/disk-away.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'real roles without permission for a source or an archive (as root)',
    judge: CHECKER,
    files: 'test/faults/permission-lost.test.ts',
  },
  {
    promises: 'I1 I3 I4',
    attack: 'S3: away under load, errors, cuts, hangs, late answers, other bytes than were sent',
    judge: '`zstd`',
    files: 'test/s3/outage.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'PostgreSQL: workers killed, Redis away, both disks full, a roll-back, promotions',
    judge: 'a restored server',
    files: 'test/postgres/',
  },
  {
    promises: 'I1–I5',
    attack: 'ten minutes of random faults at producers, workers and Redis',
    judge: CHECKER,
    files: 'test/soak/',
  },
  {
    promises: 'I4 I6',
    attack: 'segments flushed while Redis is away or hangs, and while the disk does',
    judge: 'the disk, the queue',
    files: 'packages/archive-queue/test/produce/',
  },
  {
    promises: 'I2',
    attack: 'whoever can write to Redis forges jobs',
    judge: 'files outside the source',
    files: 'packages/archive-queue/test/threats/',
  },
  {
    promises: 'I1 I3',
    attack: 'whoever can write to a source or to the archive: links, names, bombs, forged records',
    judge: 'files outside',
    files: 'packages/wal-core/test/threats/',
  },
  {
    promises: 'I5',
    attack: 'any bytes for every parser, guided by what they reach',
    judge: 'a value or a failure of the catalogue',
    files: 'test/fuzz/test/fuzz.test.ts',
  },
];
