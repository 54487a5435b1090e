/** Attacks on the packages: the path of a segment, its records and its readers. */
const CHECKER = '`zstd`, `cmp`';
const SIMULATION = 'the checker of the simulation';
const ORIGINALS = 'originals kept aside';

export const attacksOnPackages = [
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
    files: 'packages/wal-core/test/maintenance/prune/killed.long.test.ts',
  },
  {
    promises: 'I1 I3',
    attack: 'repair killed at each of its steps, twice; three repairs at once',
    judge: ORIGINALS,
    files: 'packages/wal-core/test/maintenance/repair/killed.long.test.ts',
  },
  {
    promises: 'I1 I3 I5',
    attack: 'each call to the disk fails while a segment is archived, or its answer is lost',
    judge: ORIGINALS,
    files: 'packages/wal-core/test/pipeline/faults.long.test.ts',
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
    files: 'test/simulation/test/planted.long.test.ts',
    tests: /^a planted bug/,
  },
  {
    promises: 'I5',
    attack: 'gaps of every shape around timeline switches',
    judge: 'verify, repair, status and wal-fetch name the same',
    files: 'packages/wal-core/test/reading/spans/one-detector.test.ts',
  },
  {
    promises: 'I5',
    attack: 'a mistaken restore_command, and gaps asked for by name',
    judge: 'exit codes',
    files: 'apps/cli/test/wal-fetch-gap.test.ts',
  },
  {
    promises: 'I2',
    attack: 'names in base 10 and 16, padded and not, of several kinds',
    judge: 'the order, or a refusal with the pattern',
    files: 'packages/wal-core/test/source/recognise-naming.test.ts',
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
    files: 'packages/wal-core/test/maintenance/repair/grown.test.ts',
  },
  {
    promises: 'I2',
    attack:
      'a directory with a segment’s name, and an engine that began again, while segments are under way',
    judge: 'the gate: the newest file is neither admitted nor deletable',
    files: 'packages/wal-core/test/source/sealed-gate.test.ts',
  },
  {
    promises: 'I2 I4',
    attack: 'directories whose numbers are in no order: rotated logs, dates, hashes',
    judge: 'a refusal, with what to do',
    files: 'packages/wal-core/test/source/unordered-names.test.ts',
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
    files: 'packages/wal-core/test/codec/decode-object.test.ts',
  },
  {
    promises: 'I5',
    attack:
      'later timelines with a lost, empty or garbled history; a later one of which no history speaks',
    judge: 'exit codes',
    files: 'packages/wal-core/test/entrypoints/fetch/wal-gap.test.ts',
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
    files: 'test/fuzz/test/fuzz.',
  },
];
