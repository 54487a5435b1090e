/**
 * Every failure walq can name: its code, its class and what the reader can do about it.
 *
 * - `retryable`: the world may heal; the same work is tried again for ever.
 * - `permanent`: trying again cannot help; the segment is quarantined and its source kept.
 * - `refused`: the request or the set-up is wrong; nothing was begun.
 */
export type FailureClass = 'retryable' | 'permanent' | 'refused';

interface CatalogueEntry {
  readonly class: FailureClass;
  /**
   * What to do. `SOURCE` and `SEGMENT` are placeholders: `withNames` and `adviceOn` replace them where the names are
   * known, and elsewhere they stay, as in the usage of a command.
   */
  readonly hint: string;
}

const entry = (failureClass: FailureClass, hint: string): CatalogueEntry => ({
  class: failureClass,
  hint,
});

export const catalogue = {
  // At the source
  'source-unavailable': entry(
    'retryable',
    'Check the path of the source, and that its directory is mounted and readable.',
  ),
  'source-io': entry('retryable', 'Check the disk of the source and its kernel messages.'),
  'source-denied': entry(
    'retryable',
    'Give the user that this process runs as the right to it (chown, chmod).',
  ),
  'source-changed': entry(
    'retryable',
    'A sealed segment must not be written again. Look for an engine that reopens sealed files.',
  ),
  'source-missing': entry(
    'retryable',
    'The segment is neither at the source nor in the archive; walq looks again before it gives up.',
  ),
  'source-reset': entry(
    'refused',
    'The usual cause is an engine that began again with lower numbers. Then give its directory a new source name in the configuration, and move its folder .walq away. If files were removed by hand, put them back.',
  ),
  'source-identity-mismatch': entry(
    'refused',
    'This directory is not the one that the archive belongs to. Check the path, or give the source another name.',
  ),
  'instance-not-admitted': entry(
    'refused',
    'Admit this instance, walq adopt SOURCE, or give it a source name of its own.',
  ),
  'segment-names-unclear': entry(
    'refused',
    'Set the pattern of the segments, with one group named number, in the section of the source, or with walq archive --pattern.',
  ),
  'other-user': entry('refused', 'Run the command as the user that owns the directory.'),
  'watermark-malformed': entry('refused', 'Write the watermark as docs/FORMAT.md says.'),
  'segment-lost': entry(
    'permanent',
    'Look for another copy, put it back and walq repair SOURCE --release SEGMENT; walq repair SOURCE shows the gap it leaves.',
  ),
  'segment-malformed': entry(
    'permanent',
    'The file is not a segment of the stated format. Look at it before anything else writes there; move away what is no regular file, or narrow the pattern. Once it is right again, walq repair SOURCE --release SEGMENT.',
  ),
  'segment-quarantined': entry(
    'refused',
    'Fix the cause given in the record, then walq repair SOURCE --release SEGMENT, or release it on the archive page.',
  ),
  'segment-not-flushed': entry(
    'refused',
    'Mark the source as flushed up to this segment first: walq mark-flushed SOURCE SEGMENT.',
  ),
  'segment-unknown': entry(
    'refused',
    'Check the name, and that the directory is mounted; nothing was marked.',
  ),
  'below-prune-floor': entry(
    'refused',
    'walq prune has given it up; docs/retention.md says what stands in its place.',
  ),
  'wal-gap': entry(
    'refused',
    'Find the missing WAL and put it into the archive, or licence its loss: walq wal-fetch --allow-gap.',
  ),
  'no-segment': entry('refused', 'Name a file of the source that its naming takes for a segment.'),
  'segment-name-refused': entry('permanent', 'Rename the segment, or narrow the pattern.'),

  // At the archive
  'store-unavailable': entry(
    'retryable',
    'Check that the archive is mounted, writable and has room.',
  ),
  'store-full': entry('retryable', 'Make room in the archive.'),
  'store-read-only': entry('retryable', 'Remount the archive writable, or fix its permissions.'),
  'store-fsync-failed': entry(
    'retryable',
    'The device could not promise that data is safe. Check the medium and its kernel messages.',
  ),
  'store-unsuitable': entry(
    'refused',
    'walq needs a filesystem with hard links for its archive. Choose another place.',
  ),
  'decode-mismatch': entry(
    'retryable',
    'The compressed copy did not decode to the source. If it happens again, test memory and disk.',
  ),
  'archive-format-unknown': entry('refused', 'A newer walq wrote this. Upgrade walq.'),
  'segment-grew': entry(
    'permanent',
    'The engine wrote to a file that counted as sealed: mark a segment as flushed only when nothing writes to it any more. The archive keeps the first part, the source the whole file. Once nothing writes to it: walq repair SOURCE --replace-corrupt SEGMENT archives the whole file and keeps the older object aside.',
  ),
  duplicate: entry(
    'permanent',
    'The archive holds other content under this name; nothing was replaced. The usual cause is an engine that began again and uses its names again: give its directory a new source name, and move its folder .walq away. Otherwise compare both, move the wrong one away, then walq repair SOURCE --release SEGMENT.',
  ),
  'object-corrupt': entry(
    'permanent',
    'The object in the archive does not decode. While its source is there, walq repair SOURCE --replace-corrupt SEGMENT archives it anew and keeps the object aside.',
  ),
  'object-foreign': entry(
    'permanent',
    'The object has no manifest: it is damaged, or was not written by walq. While its source is there, walq repair SOURCE --replace-corrupt SEGMENT archives it anew and keeps the object aside.',
  ),
  'dictionary-missing': entry(
    'retryable',
    'Put the dictionary back as <source>/_walq/dictionaries/<sha-256>.dict; the objects that need it are whole.',
  ),
  'dictionary-corrupt': entry(
    'retryable',
    'Put a sound copy of the dictionary in its place; the objects that need it are whole.',
  ),
  'samples-too-few': entry('refused', 'Train again once there are more segments.'),
  'trainer-missing': entry(
    'refused',
    'Install the zstd tool (apt-get install zstd, dnf install zstd, brew install zstd), or name it with WALQ_ZSTD.',
  ),
  'training-failed': entry('refused', 'See what zstd says; with more segments it may succeed.'),
  'dictionary-unusable': entry(
    'refused',
    'Name a dictionary of zstd’s with compression.dictionary, of 1 MiB at most, or set it to "off".',
  ),
  'quarantine-malformed': entry(
    'refused',
    'Look at the record, then walq repair SOURCE --release SEGMENT has its segment archived again.',
  ),
  'floor-malformed': entry(
    'refused',
    'Look at the record; when it is removed, pruning by the same rules writes it anew.',
  ),
  'backup-label-malformed': entry('refused', 'Give the backup_label of a base backup, as it is.'),
  'repair-under-way': entry('refused', 'Wait until that repair has ended, then repeat.'),
  'object-missing': entry('refused', 'See what is there: walq list.'),

  // At the destination of a restore
  'destination-exists': entry('refused', 'Choose an empty directory, or move the file away.'),
  'destination-full': entry(
    'retryable',
    'Make room at the destination, or restore a part; what is there already is kept.',
  ),
  'destination-io': entry('retryable', 'Check room and permissions at the destination.'),

  // What walq remembers on this machine
  'state-io': entry(
    'retryable',
    'Check room and permissions there, or name another place: STATE_DIRECTORY or XDG_STATE_HOME.',
  ),

  // In the embedded log
  'log-corrupt': entry(
    'refused',
    'A record in the middle of the log is damaged. Restore it from the archive.',
  ),
  'log-closed': entry('refused', 'Open the log again before appending.'),
  'log-locked': entry('refused', 'One process at a time may have a log open.'),
  'log-record-too-large': entry('refused', 'Split the payload over several records.'),
  'log-write-failed': entry('refused', 'Close the log, check the disk and open it again.'),

  // On the queue
  'producer-closed': entry('refused', 'Create the producer again; nothing was marked as flushed.'),
  'redis-unavailable': entry('retryable', 'Check redis.url and that the server runs.'),
  'source-name-shared': entry(
    'refused',
    'Give one of the two sources another name; or give one host another queue.name, or a Redis of its own. A claim ends a minute after the last process of its source.',
  ),
  'redis-evicts': entry(
    'refused',
    'Set maxmemory-policy noeviction: with eviction Redis throws archive jobs away.',
  ),
  'redis-unsuitable': entry(
    'refused',
    'Use a Redis 6.2 or newer without cluster mode, and give its own address, not that of a Sentinel.',
  ),
  'worker-stalled': entry(
    'permanent',
    'Three workers died on this segment. Try a copy of it alone with walq archive and look at the message; then walq repair SOURCE --release SEGMENT.',
  ),
  cancelled: entry('retryable', 'The work was given back and is taken up again.'),
  'thread-died': entry(
    'retryable',
    'Check that this process has enough memory; its next segment gets a new thread.',
  ),

  'server-unreachable': entry(
    'retryable',
    'Check that the server runs and that this user may connect to it. Run walq as the user that runs PostgreSQL.',
  ),
  'timed-out': entry(
    'retryable',
    'Look for a disk or an archive that does not answer. PostgreSQL repeats the command.',
  ),

  // At the command line
  'configuration-invalid': entry('refused', 'walq check --options lists every option.'),
  usage: entry('refused', 'See --help.'),
  unexpected: entry('retryable', 'This is a bug in walq. Please report it with the message.'),
} as const satisfies Record<string, CatalogueEntry>;

export type FailureCode = keyof typeof catalogue;

export const isFailureCode = (code: string): code is FailureCode => Object.hasOwn(catalogue, code);
