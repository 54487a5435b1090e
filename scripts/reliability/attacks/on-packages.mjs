/** Attacks on the packages: the path of a segment, its records and its readers. */
const CHECKER = '`zstd`, `cmp`';
const SIMULATION = 'the simulation’s checker';
const ORIGINALS = 'comparison with saved originals';

export const attacksOnPackages = [
  {
    promises: 'I1 I3 I5',
    attack: 'archiving a batch killed (SIGKILL) before every disk write',
    oracle: CHECKER,
    files: 'test/crash/archiving.test.ts',
    tests: /^killed before/,
  },
  {
    promises: 'I1 I3 I5',
    attack: 'the same, while a second process archives the same batch',
    oracle: CHECKER,
    files: 'test/crash/archiving.test.ts',
    tests: /twin/,
  },
  {
    promises: 'I1 I3 I5',
    attack:
      'archiving to S3 killed around every disk write, request and response, alone and with a second process',
    oracle: CHECKER,
    files: 'test/s3/crash.test.ts',
  },
  {
    promises: 'I1 I2 I4',
    attack: 'a producer killed before every disk write while it writes its watermark',
    oracle: CHECKER,
    files: 'test/crash/producing.test.ts',
  },
  {
    promises: 'I5',
    attack: 'a restore killed before every disk write, then resumed',
    oracle: '`cmp`',
    files: 'test/crash/restoring.test.ts',
  },
  {
    promises: '–',
    attack: 'the log writer killed before every disk write; acknowledged records must exist',
    oracle: 'the log’s reader',
    files: 'test/crash/log-writer.test.ts',
  },
  {
    promises: 'I1 I4',
    attack: 'prune killed at each step, first and later removals',
    oracle: 'verify, restore',
    files: 'packages/wal-core/test/maintenance/prune/killed.long.test.ts',
  },
  {
    promises: 'I1 I3',
    attack: 'repair killed at each step, twice; three repairs at the same time',
    oracle: ORIGINALS,
    files: 'packages/wal-core/test/maintenance/repair/killed.long.test.ts',
  },
  {
    promises: 'I1 I3 I5',
    attack: 'each disk call fails during archiving, or its result is lost',
    oracle: ORIGINALS,
    files: 'packages/wal-core/test/pipeline/faults.long.test.ts',
  },
  {
    promises: 'I1 I3 I5',
    attack: 'the same for a batch, which also dies at each step of each of its segments',
    oracle: ORIGINALS,
    files: 'packages/wal-core/test/pipeline/batch-faults.long.test.ts',
  },
  {
    promises: 'I1 I4 I5',
    attack:
      'power cut after every call, keeping none, some or all writes; every fsync, also of a batch, omitted in turn',
    oracle: 'simulated disk that drops writes without fsync',
    files: 'packages/wal-core/test/lost-writes/',
  },
  {
    promises: 'I1 I5',
    attack: 'power cut of a real ext4 before each step (as root)',
    oracle: CHECKER,
    files: 'test/power-cut/archiving.test.ts',
  },
  {
    promises: 'I1–I6',
    attack: 'simulated histories of the whole system with seeded faults',
    oracle: SIMULATION,
    files: 'test/simulation/test/',
    tests: /^histories/,
  },
  {
    promises: 'I1–I5',
    attack: 'planted bugs, each found within 1,000 histories',
    oracle: SIMULATION,
    files: 'test/simulation/test/planted.long.test.ts',
    tests: /^a planted bug/,
  },
  {
    promises: 'I5',
    attack: 'all kinds of gaps around timeline switches',
    oracle: 'verify, repair, status and wal-fetch agree',
    files: 'packages/wal-core/test/reading/spans/one-detector.test.ts',
  },
  {
    promises: 'I5',
    attack: 'a wrong restore_command, and requests for missing segments',
    oracle: 'exit codes',
    files: 'apps/cli/test/wal-fetch-gap.test.ts',
  },
  {
    promises: 'I2',
    attack: 'decimal and hexadecimal names, padded and unpadded, of several kinds',
    oracle: 'correct order, or an error that suggests the pattern',
    files: 'packages/wal-core/test/source/recognise-naming.test.ts',
  },
  {
    promises: 'I1 I3',
    attack: 'an object of equal content that names another segment or source',
    oracle: ORIGINALS,
    files: 'packages/wal-core/test/pipeline/archive-segment.test.ts',
    tests: /is not a copy/,
  },
  {
    promises: 'I3',
    attack: 'a file that grew after archiving; its replacement fails at each step',
    oracle: 'both contents exist',
    files: 'packages/wal-core/test/maintenance/repair/grown.test.ts',
  },
  {
    promises: 'I2',
    attack:
      'a directory with a segment’s name, or an engine that restarts its numbering, during archiving',
    oracle: 'the newest file is neither admitted nor deleted',
    files: 'packages/wal-core/test/source/sealed-gate.test.ts',
  },
  {
    promises: 'I2 I4',
    attack: 'unordered numbers: rotated logs, dates, hashes',
    oracle: 'an error with instructions',
    files: 'packages/wal-core/test/source/unordered-names.test.ts',
  },
  {
    promises: 'I4',
    attack: 'hexadecimal names appear in a decimal source',
    oracle: 'an error with the reason',
    files: 'packages/wal-core/test/pipeline/naming-by-files.test.ts',
  },
  {
    promises: 'I1 I3',
    attack: 'different content under a `.partial`-like name in a directory source',
    oracle: ORIGINALS,
    files: 'packages/wal-core/test/pipeline/wal-names-of-a-directory.test.ts',
  },
  {
    promises: 'I3',
    attack: 'a file written after archiving: longer, shorter, same length',
    oracle: 'verify, status and a dry run report it',
    files: 'apps/cli/test/grown.test.ts',
  },
  {
    promises: 'I1',
    attack: 'a forged receipt passed to deletion, markers and records',
    oracle: 'the source exists',
    files: 'packages/wal-core/test/threats/forged-receipt.test.ts',
  },
  {
    promises: 'I1 I3',
    attack:
      'an S3 server that stores or sends damaged, different or misnamed copies; a stale saved upload',
    oracle: 'the source is kept, or the object decodes to it',
    files: 'packages/wal-core/test/pipeline/archive-to-s3.test.ts',
  },
  {
    promises: 'I1 I7',
    attack: 'almost valid objects: trailing data, missing checksums, wrong lengths',
    oracle: 'an error',
    files: 'packages/wal-core/test/codec/decode-object.test.ts',
  },
  {
    promises: 'I5',
    attack: 'later timelines whose history is lost, empty, damaged or never written',
    oracle: 'exit codes',
    files: 'packages/wal-core/test/entrypoints/fetch/wal-gap.test.ts',
  },
  {
    promises: 'I4 I6',
    attack: 'segments flushed while Redis or the disk is unavailable or hangs',
    oracle: 'disk and queue',
    files: 'packages/archive-queue/test/produce/',
  },
  {
    promises: 'I2',
    attack: 'forged jobs in Redis',
    oracle: 'files outside the source are untouched',
    files: 'packages/archive-queue/test/threats/',
  },
  {
    promises: 'I1 I3',
    attack: 'links, names, decompression bombs and forged records in a source or archive',
    oracle: 'files outside are untouched',
    files: 'packages/wal-core/test/threats/',
  },
  {
    promises: 'I5',
    attack: 'coverage-guided fuzzing of every parser',
    oracle: 'a value or a catalogued failure',
    files: 'test/fuzz/test/fuzz.',
  },
];
