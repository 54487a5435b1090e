/**
 * Every failure that walq reports: its code, its class, what it means and what to do about it.
 *
 * - `retryable`: a later attempt may succeed; walq retries for ever.
 * - `permanent`: another attempt cannot succeed; the segment is quarantined and its source kept.
 * - `refused`: the request or the configuration is wrong, so walq refused the request.
 */
export type FailureClass = 'retryable' | 'permanent' | 'refused';

interface CatalogueEntry {
  readonly class: FailureClass;
  /** What happened, and what walq does about it. */
  readonly meaning: string;
  /**
   * What to do, as an instruction. `SOURCE` and `SEGMENT` are placeholders: `withNames` and `adviceOn` replace them
   * where the names are known.
   */
  readonly hint: string;
}

const entry = (failureClass: FailureClass, meaning: string, hint: string): CatalogueEntry => ({
  class: failureClass,
  meaning,
  hint,
});

export const catalogue = {
  // At the source
  'source-unavailable': entry(
    'retryable',
    'walq cannot open the directory of the source, or read its identity.',
    'Check the path of the source, and that its directory is mounted and readable.',
  ),
  'source-io': entry(
    'retryable',
    'A read or write at the source failed.',
    'Check the disk of the source and the kernel log.',
  ),
  'source-denied': entry(
    'retryable',
    'This user may not read or write a file or directory of the source. Archiving resumes when it may.',
    'Give this user access to the path in the message (chown, chmod).',
  ),
  'source-changed': entry(
    'retryable',
    'A sealed segment was written to or replaced while walq archived it. Its source is kept.',
    'Make the engine mark a segment as flushed only after its last write, and never reopen a sealed file.',
  ),
  'source-missing': entry(
    'retryable',
    'The segment is not at the source, and the archive does not have it either. A worker checks again after five minutes, then quarantines the segment as `segment-lost`.',
    'Check that the directory of the source is mounted. If the file was moved or deleted, put it back.',
  ),
  'source-reset': entry(
    'refused',
    'The watermark does not match the files of the source: the engine started again with lower numbers, or files were removed.',
    'If files were removed by hand, put them back. If the engine started again with lower numbers, give its directory a new source name in the configuration and move its .walq directory away.',
  ),
  'source-identity-mismatch': entry(
    'refused',
    'The archive holds another source under this name. The message says which one, where known.',
    'Check the path of the source. If it is right, give the source another name in the configuration of this host.',
  ),
  'instance-not-admitted': entry(
    'refused',
    'Another PostgreSQL instance archives under this name, so this one may be a clone.',
    'If this instance may archive there as well, run walq adopt SOURCE. Otherwise give it a source name of its own.',
  ),
  'segment-names-unclear': entry(
    'refused',
    'The file names do not show which files are segments, or which segment is the newest.',
    'Set the pattern of the segments, with one group (?<number>…), in the section of the source, or pass it to walq archive --pattern.',
  ),
  'other-user': entry(
    'refused',
    'The files belong to another user, who could not write what this user creates there.',
    'Run the command as the user that owns the directory.',
  ),
  'watermark-malformed': entry(
    'refused',
    'The watermark file of the source cannot be parsed.',
    'Write the watermark as docs/FORMAT.md specifies.',
  ),
  'segment-lost': entry(
    'permanent',
    'A worker found the segment neither at the source nor in the archive, twice, five minutes apart.',
    'Search for another copy, for example on a replica or in a backup. Put it back and run walq repair SOURCE --release SEGMENT. If there is none, walq repair SOURCE lists the gap that it leaves.',
  ),
  'segment-malformed': entry(
    'permanent',
    'The file does not have the format of its source, or the name belongs to a directory, link, pipe or socket. Nothing was archived.',
    'Find out what wrote it. Put a correct file in its place, or move away what is not a regular file, then run walq repair SOURCE --release SEGMENT. Without a correct file a gap remains. If it is not a segment at all, narrow the pattern.',
  ),
  'segment-quarantined': entry(
    'refused',
    'PostgreSQL asks for a file that is in quarantine. It waits for the file, and pg_wal grows.',
    'Run walq repair SOURCE, which prints the cause and the command for it.',
  ),
  'segment-not-flushed': entry(
    'refused',
    'The source has not marked the segment as flushed. walq archives flushed segments only.',
    'Mark the source as flushed through this segment first: walq mark-flushed SOURCE SEGMENT. PostgreSQL marks its files itself.',
  ),
  'segment-unknown': entry(
    'refused',
    'The source has no such segment. Nothing was changed.',
    'Check the name of the segment, and that the directory of the source is mounted.',
  ),
  'below-prune-floor': entry(
    'refused',
    'The segment is below the prune floor: retention has removed it, or will.',
    'Begin the restore at the floor or later. See docs/retention.md#floor-and-grace-period.',
  ),
  'wal-gap': entry(
    'refused',
    'WAL is missing where the archive has later WAL. walq stops the recovery, because PostgreSQL would end it too early.',
    'Find the missing WAL and archive it, or put it into pg_wal. To end recovery here on purpose, use walq wal-fetch --allow-gap.',
  ),
  'no-segment': entry(
    'refused',
    'The name is not a segment name of this source.',
    'Give the file name of a segment, as the naming of the source defines it.',
  ),
  'segment-name-refused': entry(
    'permanent',
    'The name is not UTF-8, or too long for an object name in the archive.',
    'Rename the file, or narrow the pattern.',
  ),

  // At the archive
  'store-unavailable': entry(
    'retryable',
    'The archive cannot be read or written. Workers pause and probe it until it works.',
    'Check that the archive is mounted, writable and has free space.',
  ),
  'store-full': entry(
    'retryable',
    'The archive has no space left. Workers pause and probe it until it has.',
    'Make room in the archive. See docs/troubleshooting.md#the-archive-is-full.',
  ),
  'store-read-only': entry(
    'retryable',
    'The archive is mounted read-only, or this user may not write there. Workers pause and probe it.',
    'Remount the archive writable, or fix its permissions.',
  ),
  'store-fsync-failed': entry(
    'retryable',
    'The archive could not confirm that data is on its disk. The source is kept, and the copy is written again.',
    'Check the medium and its kernel messages.',
  ),
  'store-unsuitable': entry(
    'refused',
    'The archive lacks something that walq needs, such as hard links in a filesystem or conditional writes in S3.',
    'Choose a filesystem with hard links, or an S3 server that supports If-None-Match. See docs/s3.md.',
  ),
  'decode-mismatch': entry(
    'retryable',
    'The compressed copy did not decode to the bytes of the source. It was discarded; nothing was published.',
    'If it happens again, test the memory and the disks of this host.',
  ),
  'archive-format-unknown': entry(
    'refused',
    'A newer version of walq wrote this object or record.',
    'Upgrade walq.',
  ),
  'segment-grew': entry(
    'permanent',
    'The engine wrote to a segment after it was archived. The archive holds its first part, and the source holds the whole file.',
    'Make the engine mark a segment as flushed only after its last write. Then run walq repair SOURCE --replace-corrupt SEGMENT: it archives the whole file and keeps the older object.',
  ),
  duplicate: entry(
    'permanent',
    'The archive holds different content under this name. walq replaces neither, and the source is kept.',
    'If the engine started again and reuses names, give its directory a new source name and move its .walq directory away. Otherwise compare the file with the output of zstd -dc OBJECT, move the wrong one away and run walq repair SOURCE --release SEGMENT.',
  ),
  'object-corrupt': entry(
    'permanent',
    'The object in the archive does not decode, or does not match its manifest.',
    'While its source is there, run walq repair SOURCE --replace-corrupt SEGMENT: it archives the segment again and keeps the old object. Without the source, search for another copy.',
  ),
  'object-foreign': entry(
    'permanent',
    'The object in the archive has no manifest: it is damaged, or walq did not write it.',
    'While its source is there, run walq repair SOURCE --replace-corrupt SEGMENT: it archives the segment again and keeps the old object.',
  ),
  'dictionary-missing': entry(
    'retryable',
    'The object needs a dictionary that is not in the archive. The object itself is intact.',
    'Put the dictionary back under the source, as _walq/dictionaries/SHA-256.dict with the SHA-256 that the message names.',
  ),
  'dictionary-corrupt': entry(
    'retryable',
    'The dictionary in the archive does not match its name. The objects that need it are intact.',
    'Replace the dictionary with an intact copy.',
  ),
  'samples-too-few': entry(
    'refused',
    'The source has too few flushed or archived segments to train a dictionary.',
    'Run walq train SOURCE again when there are more segments.',
  ),
  'trainer-missing': entry(
    'refused',
    'walq train needs the zstd tool, which could not be run.',
    'Install zstd (apt-get install zstd, dnf install zstd, brew install zstd), or set WALQ_ZSTD to its path.',
  ),
  'training-failed': entry(
    'refused',
    'The zstd tool could not train a dictionary. The message quotes it.',
    'Follow the message of zstd. With more segments training may succeed.',
  ),
  'dictionary-unusable': entry(
    'refused',
    'The configured dictionary is not a zstd dictionary, or larger than 1 MiB.',
    'Set compression.dictionary to a zstd dictionary of at most 1 MiB, or to "off".',
  ),
  'quarantine-malformed': entry(
    'refused',
    'A quarantine record in the archive cannot be parsed. Its segment stays in quarantine.',
    'Read the record, then run walq repair SOURCE --release SEGMENT to have its segment archived again.',
  ),
  'floor-malformed': entry(
    'refused',
    'A record of a prune floor in the archive cannot be parsed. Nothing was pruned.',
    'Read the record, then remove it. walq prune with the same rules writes it again.',
  ),
  'unarchived-below-floor': entry(
    'refused',
    'Segments at the source that are not archived would be below the new prune floor, and the archive would never keep them. Nothing was pruned.',
    'Archive them first: walq status and walq repair SOURCE show what they wait for. Or keep them with --keep-from SEGMENT. To leave them out of the archive for good, add --abandon-unarchived.',
  ),
  'backup-label-malformed': entry(
    'refused',
    'The file is not the backup_label of a base backup. Nothing was pruned.',
    'Give the unchanged backup_label of a base backup.',
  ),
  'repair-in-progress': entry(
    'refused',
    'Another walq repair is replacing objects of this source.',
    'Wait until that repair has ended, then run the command again.',
  ),
  'object-missing': entry(
    'refused',
    'The archive does not have this source, segment or range. The message names what is missing.',
    'List what the archive holds with walq list. Check the URL of the archive, and that it is mounted.',
  ),

  // At the destination of a restore
  'destination-exists': entry(
    'refused',
    'The destination already has a file of this name. walq never overwrites it.',
    'Choose an empty directory, or move the file away.',
  ),
  'destination-full': entry(
    'retryable',
    'The destination has too little space for the restore. Files that are already restored are kept.',
    'Make room at the destination, or restore a smaller range.',
  ),
  'destination-io': entry(
    'retryable',
    'A read or write at the destination failed.',
    'Check free space and permissions at the destination.',
  ),

  // In the state directory
  'state-io': entry(
    'retryable',
    'walq cannot read or write its own files on this host, such as the record of checked objects that `walq verify` saves.',
    'Check free space and permissions of the directory, or name another one with STATE_DIRECTORY or XDG_STATE_HOME.',
  ),

  // In the embedded log
  'log-corrupt': entry(
    'refused',
    'A record in the middle of the log is damaged. walq does not open the log, because later records would be lost.',
    'Restore the damaged segment from the archive.',
  ),
  'log-closed': entry(
    'refused',
    'The log was closed before this call. Nothing was written.',
    'Open the log again before you append.',
  ),
  'log-locked': entry(
    'refused',
    'Another process has the log open.',
    'Close the log in the other process. One process at a time may open it.',
  ),
  'log-record-too-large': entry(
    'refused',
    'The payload is larger than a record of the log may be. Nothing was written.',
    'Split the payload over several records.',
  ),
  'log-write-failed': entry(
    'refused',
    'A write or fsync of the log failed, so the log refuses further appends.',
    'Close the log, check the disk and open the log again.',
  ),

  // On the queue
  'producer-closed': entry(
    'refused',
    'The producer was closed before or during this call. Segments that were flushed are archived by the next producer.',
    'Create the producer again.',
  ),
  'redis-unavailable': entry(
    'retryable',
    'Redis does not answer or refuses the connection. Archiving resumes when it answers; nothing is lost.',
    'Check redis.url and that the server runs.',
  ),
  'source-name-shared': entry(
    'refused',
    'Two sources of one name use the same queue. The one that came first is archived, the other is not.',
    'Give one of the two sources another name, or use another queue.name or Redis on one host. The name is free a minute after the last process of its source ends.',
  ),
  'redis-evicts': entry(
    'refused',
    'The eviction policy of Redis may delete archive jobs when memory is short.',
    'Set maxmemory-policy noeviction on the Redis server.',
  ),
  'redis-unsuitable': entry(
    'refused',
    'This Redis server cannot hold the queue: it is too old, in cluster mode, or a Sentinel.',
    'Use Redis 6.2 or newer without cluster mode. For Sentinel set redis.sentinels and redis.master_name.',
  ),
  'worker-stalled': entry(
    'permanent',
    'Three workers died while they archived this segment.',
    'Archive a copy of the segment alone with walq archive and read the message. Then run walq repair SOURCE --release SEGMENT.',
  ),
  cancelled: entry(
    'retryable',
    'The work was stopped before it ended, as by SIGTERM. Unfinished jobs return to the queue.',
    'Run the command again to continue. Jobs of a worker need no action.',
  ),
  'thread-died': entry(
    'retryable',
    'A thread ended while it archived a segment. The next segment gets a new thread.',
    'Check that this process has enough memory.',
  ),

  // At the command line
  'server-unreachable': entry(
    'retryable',
    'walq cannot connect to the PostgreSQL server. `walq check` and `walq status` continue without it.',
    'Check that the server runs and that this user may connect to it. Run walq as the user that runs PostgreSQL.',
  ),
  'server-settings': entry(
    'refused',
    'A setting of the PostgreSQL server keeps walq from archiving its WAL.',
    'Change the setting that walq check names.',
  ),
  'timed-out': entry(
    'retryable',
    'The command did not finish in time. PostgreSQL repeats a command that it called.',
    'Check for a disk, an archive or a server that does not respond.',
  ),
  'configuration-invalid': entry(
    'refused',
    'The configuration has an error. The message lists every problem.',
    'Correct walq.toml, the environment variable or the flag. walq check --options lists every option.',
  ),
  usage: entry(
    'refused',
    'The command was called with wrong arguments, or a function with a wrong value.',
    'Check the arguments. walq help COMMAND lists those of a command.',
  ),
  unexpected: entry(
    'retryable',
    'An error occurred that walq does not handle. The work is tried again.',
    'This is a bug in walq. Report it with this message, the output of walq --version and that of the command with --debug.',
  ),
} as const satisfies Record<string, CatalogueEntry>;

export type FailureCode = keyof typeof catalogue;

export const isFailureCode = (code: string): code is FailureCode => Object.hasOwn(catalogue, code);
