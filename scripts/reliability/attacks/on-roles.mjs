/** Attacks on the roles and commands as they are deployed, with real servers. */
const CHECKER = '`zstd`, `cmp`';

export const attacksOnRoles = [
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
    files: 'test/e2e/source-outage.test.ts',
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
    files: 'packages/archive-queue/test/connection/cut-at-command.long.test.ts',
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
    promises: 'I4',
    attack:
      'odd names, pipes, sockets, links and directories under segments’ names, through the queue',
    judge: 'restored bytes, or quarantine once',
    files: 'test/e2e/odd-entries.test.ts',
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
];
