/** The scene in which each block of the pages for operators runs, and the tests that run the other blocks. */

/** How a block is run: what runs before it, and the exit code of its last command. */
export interface Played {
  /** The first command of the block. */
  readonly first: string;
  readonly before?: string;
  readonly code?: number;
  /** This scene prints other figures and words than the page shows. */
  readonly isOther?: true;
}

/** Segments 1 to 6 of `orders`, each of 200 kB; the newest is still open. */
const NEW = `
cat >walq.toml <<'END'
[archive]
url = "file:///srv/wal-archive"

[sources.orders]
type = "directory"
path = "/srv/orders"
pattern = '^wal-(?<number>\\d+)\\.bin$'
after_archive = "keep"
END
rm -rf .local /srv/wal-archive /srv/orders /srv/aside /srv/restored
mkdir /srv/wal-archive /srv/orders /srv/aside /srv/restored
put() { for n in $(seq $1 $2); do head -c $3 /dev/urandom >/srv/orders/wal-$(printf %06d $n).bin; done; }
archive() { walq mark-flushed orders $1 && walq repair orders --rearchive; }
work() {
  walq mark-flushed orders $1
  "$REDIS_SERVER" --port 6379 --save '' >redis.log & local redis=$!
  WALQ_REDIS__URL=redis://127.0.0.1:6379 walq worker --until-empty --concurrency 1 --stall-timeout 3s >worker.log 2>&1 || true
  kill $redis; wait $redis || true
}
`;

const OBJECTS = '/srv/wal-archive/orders/00000000';

export const played: Readonly<Record<string, readonly Played[]>> = {
  'docs/verify-and-restore.md': [
    {
      first: 'walq verify',
      before: `${NEW}
        put 1 6 200000; mv /srv/orders/wal-000003.bin /srv/aside; archive wal-000005.bin
        rm -rf .local`,
    },
    {
      first: 'walq verify --deep',
      before: 'cp /srv/aside/* /srv/orders; archive wal-000005.bin; rm -rf .local',
    },
    { first: 'walq verify --incremental --budget 10m --max-bytes 500kB', before: 'rm -rf .local' },
    {
      first:
        'walq restore orders --to /srv/restored/orders --from wal-000003.bin --until wal-000005.bin',
    },
    {
      first: 'walq restore orders --to /srv/restored/all',
      before: `rm ${OBJECTS}/wal-000003.bin.zst`,
      code: 1,
    },
  ],
  'docs/repair.md': [
    {
      first: 'walq repair orders --replace-corrupt wal-000042.bin --dry-run',
      before: `${NEW}
        put 40 46 20000; archive wal-000045.bin
        truncate -s -100 ${OBJECTS}/wal-000042.bin.zst`,
    },
    {
      first: 'walq repair orders --replace-corrupt wal-000042.bin',
      before: 'echo more >>/srv/orders/wal-000042.bin',
    },
    {
      first:
        'walq repair orders --acknowledge-gap wal-000041.bin..wal-000045.bin --reason "lost with disk 3"',
      before: `cmp /srv/orders/wal-000042.bin <(zstd -dc ${OBJECTS}/wal-000042.bin.zst)
        rm /srv/orders/wal-00004[234].bin ${OBJECTS}/wal-00004[234].bin.zst`,
    },
  ],
  'docs/retention.md': [
    {
      first: 'walq prune orders --keep-days 30 --dry-run',
      before: `${NEW}
        put 1 6 20000; archive wal-000005.bin`,
      isOther: true,
    },
  ],
  'docs/troubleshooting.md': [
    {
      first: 'walq status',
      before: `${NEW}
        mount -t tmpfs -o size=1500k tmpfs /srv/wal-archive
        put 1 12 200000; work wal-000001.bin`,
    },
    { first: 'walq status', before: 'work wal-000011.bin', code: 1 },
    { first: 'walq prune orders --keep-segments 3 --dry-run' },
    { first: 'walq prune orders --keep-segments 3 --grace 0s' },
    { first: 'walq check' },
    {
      first: 'walq status',
      before: `mount -o remount,size=10m /srv/wal-archive; work wal-000011.bin
        put 13 15 200000; head -c 200000 /dev/urandom | zstd -q >${OBJECTS}/wal-000013.bin.zst
        work wal-000014.bin`,
      code: 1,
    },
    { first: 'walq repair orders --replace-corrupt wal-000013.bin --dry-run' },
    {
      first: 'walq repair orders --release wal-000016.bin',
      before: `put 17 18 200000; mkfifo /srv/orders/wal-000016.bin; work wal-000017.bin
        rm /srv/orders/wal-000016.bin; put 16 16 200000`,
    },
  ],
  'docs/dictionaries.md': [
    {
      first: 'walq train orders',
      before: `${NEW}
        row='{"account":%d,"branch":"Rue de Rivoli","currency":"EUR","amount":%d,"booked":"2026-11-30T10:59:00.854Z",'
        row+='"reference":"payment of invoice %d","holder":{"title":"Dr","language":"fr","newsletter":false},'
        row+='"status":"settled","channel":"transfer","checks":["sanctions","limits","duplicates"],"fee":null}\\n'
        for n in $(seq -f %06g 1 400); do printf "$row" $RANDOM $RANDOM $RANDOM >/srv/orders/wal-$n.bin; done
        walq mark-flushed orders wal-000399.bin`,
    },
    {
      first: 'cd /srv/wal-archive/orders',
      before: `printf '[compression]\\ndictionary = "train"\\n' >>walq.toml
        archive wal-000399.bin`,
    },
  ],
};

/** The test that does what a block shows, if the block needs more than namespaces. */
export interface Elsewhere {
  readonly file: string;
  /** The test's title in that file. */
  readonly test: string;
}

export const elsewhere: Readonly<Record<string, Elsewhere>> = {
  'walq restore main --to /tmp/wal --from-lsn 0/2000028 --until-lsn 0/7012A40': {
    file: 'test/postgres/timelines.test.ts',
    test: 'an archive of three timelines is verified as one way, and restored along it by LSN',
  },
  'pg_basebackup -D /backup/2026-11-27 --checkpoint=fast': {
    file: 'test/postgres/retention.test.ts',
    test: 'prune keeps the WAL of the base backups that the page names, and removes what is older',
  },
  'export WALQ_ARCHIVE__S3__ENDPOINT=https://s3.example.com': {
    file: 'test/s3/commands.test.ts',
    test: 'what was archived to S3 by workers is listed, shown, verified and restored by commands',
  },
  'npm run simulate                              # 1,000 histories': {
    file: 'test/simulation/test/command.test.ts',
    test: 'npm run simulate runs some histories, or one again by its seed',
  },
  "walq bench                                            # walq's sets of segments, all parts": {
    file: 'test/measure/bench.test.ts',
    test: 'measures all contestants, verifies what they did, and leaves nothing behind',
  },
  'tar -C /opt -xzf walq-0.1.0-linux-x64.tar.gz && ln -s /opt/walq-0.1.0 /opt/walq': {
    file: 'test/release/release.test.ts',
    test: 'the tarball runs where there is only Node, as a user without rights',
  },
  'systemd-sysusers /opt/walq/deploy/systemd/walq.sysusers.conf': {
    file: 'test/deploy/deploy.test.ts',
    test: 'creates the user and the directories of the units',
  },
  'install -d -o postgres -g postgres -m 0700 /var/lib/postgresql/15/main.walq': {
    file: 'test/deploy/deploy.test.ts',
    test: 'accepts the drop-in for PostgreSQL, which sets its user and state directory',
  },
  'walq repair main --release 00000001000000000000000C': {
    file: 'test/postgres/documented.test.ts',
    test: 'PostgreSQL continues after a damaged segment, fixed or abandoned as the page says',
  },
};

/** Commands of programs that a host may lack, with the reason: no test runs them. */
export const untested: Readonly<Record<string, string>> = {
  [`pgbackrest --stanza=main restore --recovery-option='restore_command=walq wal-fetch %f "%p"'`]:
    'needs pgBackRest and a repository; tried by hand with the version that the page names',
};
