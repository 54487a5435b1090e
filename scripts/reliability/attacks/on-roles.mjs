/** Attacks on the deployed roles and commands, with real servers. */
const CHECKER = '`zstd`, `cmp`';

export const attacksOnRoles = [
  {
    promises: 'I1 I3 I4',
    attack:
      'roles killed during a segment or a batch, frozen past their lease, stopped; Redis down, emptied, full',
    oracle: CHECKER,
    files: 'test/integration/',
  },
  {
    promises: 'I4 I6',
    attack: 'a worker whose archive is full or read-only for a while (as root)',
    oracle: CHECKER,
    files: 'test/e2e/archive-',
    tests: /^(a full archive|an archive that is read-only)/,
  },
  {
    promises: 'I2 I4',
    attack:
      'a source that is not mounted, belongs to another archive, restarted its numbering, or has odd names',
    oracle: CHECKER,
    files: 'test/e2e/source-outage.test.ts',
  },
  {
    promises: 'I1 I4 I6',
    attack: 'Redis failover with Sentinel, killed or hung',
    oracle: CHECKER,
    files: 'test/faults/redis-fails-over.test.ts',
  },
  {
    promises: 'I1 I4 I6',
    attack: 'silent Redis connections',
    oracle: CHECKER,
    files: 'test/faults/redis-half-open.test.ts',
  },
  {
    promises: 'I4',
    attack: 'Redis connection cut at the k-th command of a start or reconnect',
    oracle: 'work resumes',
    files: 'packages/archive-queue/test/connection/cut-at-command.long.test.ts',
  },
  {
    promises: 'I4',
    attack: 'Redis demoted to a replica that keeps running',
    oracle: CHECKER,
    files: 'test/faults/redis-demoted.test.ts',
  },
  {
    promises: 'I4',
    attack: 'Redis in cluster mode, Sentinel address, full Redis, missing ACL permission',
    oracle: 'the error message',
    files: 'test/e2e/redis-',
  },
  {
    promises: 'I4',
    attack: 'a metrics port flooded with requests and idle connections',
    oracle: CHECKER,
    files: 'test/integration/metrics-port-flooded.test.ts',
  },
  {
    promises: 'I5',
    attack: 'PostgreSQL: WAL that was streamed but never archived, gaps, swapped arguments',
    oracle: 'the server stops and names the gap, then has all rows',
    files: 'test/postgres/gaps.test.ts',
  },
  {
    promises: 'I1 I3',
    attack: 'PostgreSQL: two servers promoted from one segment; empty auxiliary files',
    oracle: 'verify, the servers’ archivers',
    files: 'test/postgres/auxiliary-files.test.ts',
  },
  {
    promises: 'I4',
    attack: 'PostgreSQL: each writing command, run as another user',
    oracle: 'file owners',
    files: 'test/postgres/other-user.test.ts',
  },
  {
    promises: 'I4',
    attack: 'database filesystem full, archive in S3',
    oracle: 'verify on another host',
    files: 'test/s3/no-room.test.ts',
  },
  {
    promises: 'I2',
    attack: 'directories of etcd, MariaDB, Redis, RocksDB and LevelDB, without a pattern',
    oracle: 'files written by the engines',
    files: 'test/engines/',
  },
  {
    promises: 'I4',
    attack: 'a source in 20 states, Redis or archive down, in status, metrics, page and repair',
    oracle: 'equal conditions; nothing unsafe is shown as safe',
    files: 'test/e2e/one-snapshot.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'each role as started by compose, Kubernetes and systemd',
    oracle: 'archive files, deleted sources',
    files: 'test/deploy/archiving.test.ts',
  },
  {
    promises: 'I4',
    attack:
      'connection of producer, worker and dashboard cut at the k-th command, with and without AOF',
    oracle: 'work resumes',
    files: 'test/faults/redis-cut-at-command.test.ts',
  },
  {
    promises: 'I4',
    attack: 'odd names, pipes, sockets, links and directories with segment names',
    oracle: 'restored bytes, or one quarantine record',
    files: 'test/e2e/odd-entries.test.ts',
  },
  {
    promises: 'I3',
    attack: 'two partial files of one name, and an empty history before the full one, in S3',
    oracle: 'fetched bytes',
    files: 'test/s3/partials.test.ts',
  },
  {
    promises: 'I5',
    attack: 'fetch with wrong credentials, bucket or server',
    oracle: 'exit codes',
    files: 'test/s3/fetch-codes.test.ts',
  },
  {
    promises: 'I4',
    attack: 'a hung source or archive disk; EIO while reading segments',
    oracle: 'four views agree',
    files: 'test/faults/four-views.test.ts',
  },
  {
    promises: 'I4',
    attack: 'S3 down, over quota, or refusing writes',
    oracle: 'four views agree',
    files: 'test/s3/four-views.test.ts',
  },
  {
    promises: 'I4',
    attack: '20,000 records, 20,000 finished jobs and 50 MB values in Redis',
    oracle: 'peak memory; the source is shown',
    files: 'test/e2e/redis-full-of-records.test.ts',
  },
  {
    promises: 'I4',
    attack: 'a second source with the same name joins the Redis',
    oracle: 'all jobs of the first are archived',
    files: 'packages/archive-queue/test/consume/shared-name.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'host clock moves by an hour, forwards or backwards',
    oracle: CHECKER,
    files: 'test/faults/clock-moves.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'temporary EIO on read, write or fsync, or ENOSPC',
    oracle: CHECKER,
    files: 'test/faults/io-errors.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'ext4 shut down and remounted, or read-only during work (as root)',
    oracle: CHECKER,
    files: 'test/faults/disk-away.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'missing permission for a source or archive (as root)',
    oracle: CHECKER,
    files: 'test/faults/permission-lost.test.ts',
  },
  {
    promises: 'I1 I3 I4',
    attack: 'S3 under load: outage, errors, cut connections, hangs, late responses, altered bytes',
    oracle: '`zstd`',
    files: 'test/s3/outage.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'PostgreSQL: workers killed, Redis down, both disks full, a rollback, promotions',
    oracle: 'a restored server',
    files: 'test/postgres/',
  },
  {
    promises: 'I1–I5',
    attack: 'ten minutes of random faults in producers, workers and Redis',
    oracle: CHECKER,
    files: 'test/soak/',
  },
];
