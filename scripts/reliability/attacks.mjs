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
    attack: 'real roles while Redis fails over under Sentinel, killed or hung',
    judge: CHECKER,
    files: 'test/faults/redis-fails-over.test.ts',
  },
  {
    promises: 'I1 I4 I6',
    attack: 'real roles whose connections to Redis go dark',
    judge: CHECKER,
    files: 'test/faults/redis-half-open.test.ts',
  },
  {
    promises: 'I4',
    attack: 'the connection to Redis cut at the k-th command of a start or a reconnect',
    judge: 'the work that is done afterwards',
    files: 'packages/archive-queue/test/connection/cut-at-command.test.ts',
  },
  {
    promises: 'I4',
    attack: 'a Redis that was demoted stays up as a replica',
    judge: CHECKER,
    files: 'test/faults/redis-demoted.test.ts',
  },
  {
    promises: 'I4',
    attack: 'a Redis in cluster mode, a Sentinel, a full one; a user without a permission',
    judge: 'the refusal and its words',
    files: 'test/e2e/redis-',
  },
  {
    promises: 'I4',
    attack: 'a metrics port flooded with requests and with idle connections',
    judge: CHECKER,
    files: 'test/integration/metrics-port-flooded.test.ts',
  },
  {
    promises: 'I5',
    attack: 'PostgreSQL: WAL that was streamed and never archived, holes, exchanged arguments',
    judge: 'a server that stops and names the gap, then has all rows',
    files: 'test/postgres/gaps.test.ts',
  },
  {
    promises: 'I5',
    attack: 'gaps of every shape around timeline switches',
    judge: 'verify, repair, status and wal-fetch name the same',
    files: 'packages/wal-core/test/gaps/one-detector.test.ts',
  },
  {
    promises: 'I5',
    attack: 'a mistaken restore_command, and gaps asked for by name',
    judge: 'exit codes',
    files: 'apps/cli/test/wal-fetch-gap.test.ts',
  },
  {
    promises: 'I1 I3',
    attack: 'PostgreSQL: two servers promoted from one segment; empty auxiliary files',
    judge: 'verify, the servers’ archivers',
    files: 'test/postgres/auxiliary-files.test.ts',
  },
  {
    promises: 'I4',
    attack: 'PostgreSQL: each command that writes, run as another user',
    judge: 'the owners of the files',
    files: 'test/postgres/other-user.test.ts',
  },
  {
    promises: 'I4',
    attack: 'no byte of room beside the database, the archive in S3',
    judge: 'verify elsewhere',
    files: 'test/s3/no-room.test.ts',
  },
  {
    promises: 'I2',
    attack: 'directories of etcd, MariaDB, Redis, RocksDB and LevelDB, without a pattern',
    judge: 'the files as the engines leave them',
    files: 'test/engines/',
  },
  {
    promises: 'I2',
    attack: 'names in base 10 and 16, padded and not, of several kinds',
    judge: 'the order, or a refusal with the pattern',
    files: 'packages/wal-core/test/segment/recognise-naming.test.ts',
  },
  {
    promises: 'I1 I3',
    attack: 'an object of equal content that names another segment or source',
    judge: ORIGINALS,
    files: 'packages/wal-core/test/pipeline/archive-segment.test.ts',
    tests: /is no copy/,
  },
  {
    promises: 'I3',
    attack: 'a file that grew after it was archived, its replacement failing at each step',
    judge: 'both contents',
    files: 'packages/wal-core/test/repair/grown.test.ts',
  },
  {
    promises: 'I4',
    attack:
      'a source in 20 states, Redis or the archive away, seen by status, metrics, page, repair',
    judge: 'equal conditions; nothing unsafe reads safe',
    files: 'test/e2e/one-snapshot.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'each role as compose, Kubernetes and systemd start it',
    judge: 'the archive’s files, the deleted source',
    files: 'test/deploy/archiving.test.ts',
  },
  {
    promises: 'I4',
    attack:
      'the connection of a real producer, worker and dashboard cut at the k-th command, with and without AOF',
    judge: 'the work that is done afterwards',
    files: 'test/faults/redis-cut-at-command.test.ts',
  },
  {
    promises: 'I2',
    attack:
      'a directory with a segment’s name, and an engine that began again, while segments are under way',
    judge: 'the gate: the newest file is neither admitted nor deletable',
    files: 'packages/wal-core/test/segment/sealed-gate.test.ts',
  },
  {
    promises: 'I2 I4',
    attack: 'directories whose numbers are in no order: rotated logs, dates, hashes',
    judge: 'a refusal, with what to do',
    files: 'packages/wal-core/test/segment/unordered-names.test.ts',
  },
  {
    promises: 'I4',
    attack: 'hexadecimal names come to a source that counts in decimal',
    judge: 'a refusal, with the reason',
    files: 'packages/wal-core/test/pipeline/naming-by-files.test.ts',
  },
  {
    promises: 'I1 I3',
    attack: 'a second content under a name like a partial segment’s, at a directory source',
    judge: ORIGINALS,
    files: 'packages/wal-core/test/pipeline/wal-names-of-a-directory.test.ts',
  },
  {
    promises: 'I4',
    attack:
      'odd names, pipes, sockets, links and directories under segments’ names, through the queue',
    judge: 'restored bytes, or quarantine once',
    files: 'test/e2e/odd-entries.test.ts',
  },
  {
    promises: 'I3',
    attack: 'a file written after it was archived: longer, shorter, of the same length',
    judge: 'verify, status and a dry run name it',
    files: 'apps/cli/test/grown.test.ts',
  },
  {
    promises: 'I1',
    attack: 'a receipt that `confirm` did not issue, given to deletion, markers and records',
    judge: 'the source is there',
    files: 'packages/wal-core/test/threats/forged-receipt.test.ts',
  },
  {
    promises: 'I1 I3',
    attack:
      'an S3 server that keeps or sends damaged, other or misnamed copies; a kept upload of another state',
    judge: 'the source is kept, or the object decodes to it',
    files: 'packages/wal-core/test/pipeline/archive-to-s3.test.ts',
  },
  {
    promises: 'I1 I7',
    attack:
      'objects that are nearly right: more behind the frame, checksums cut off, other lengths stated',
    judge: 'a refusal',
    files: 'packages/wal-core/test/confirm/decode-object.test.ts',
  },
  {
    promises: 'I5',
    attack:
      'later timelines with a lost, empty or garbled history; a later one of which no history speaks',
    judge: 'exit codes',
    files: 'packages/wal-core/test/fetch/wal-gap.test.ts',
  },
  {
    promises: 'I3',
    attack: 'two partial files of one name, and an empty history before the full one, in S3',
    judge: 'bytes fetched',
    files: 'test/s3/partials.test.ts',
  },
  {
    promises: 'I5',
    attack: 'wrong credentials, bucket or server at a fetch',
    judge: 'exit codes',
    files: 'test/s3/fetch-codes.test.ts',
  },
  {
    promises: 'I4',
    attack: 'a disk of a source or an archive that does not answer; EIO while segments are read',
    judge: 'four views held against each other',
    files: 'test/faults/four-views.test.ts',
  },
  {
    promises: 'I4',
    attack: 'S3 away, over its quota, or refusing writes',
    judge: 'four views held against each other',
    files: 'test/s3/four-views.test.ts',
  },
  {
    promises: 'I4',
    attack: '20,000 records, 20,000 finished jobs and values of 50 MB in Redis',
    judge: 'peak memory; the source is still shown',
    files: 'test/e2e/redis-full-of-records.test.ts',
  },
  {
    promises: 'I4',
    attack: 'a second source of a taken name joins the Redis',
    judge: 'the first one’s jobs all end archived',
    files: 'packages/archive-queue/test/consume/shared-name.test.ts',
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
