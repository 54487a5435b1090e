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
    'Is the directory mounted and readable? walq goes on by itself once it is.',
  ),
  'source-io': entry('retryable', 'Check the disk of the source and its kernel messages.'),
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
    'The watermark does not fit the files. If the engine began anew, give the source a new name and a new .walq directory.',
  ),
  'source-identity-mismatch': entry(
    'refused',
    'This directory is not the one that the archive belongs to. Check the path, or give the source another name.',
  ),
  'watermark-malformed': entry('refused', 'Write the watermark as docs/FORMAT.md says.'),
  'segment-lost': entry(
    'permanent',
    'Look for another copy of the segment; walq verify shows the gap it leaves.',
  ),
  'segment-malformed': entry(
    'permanent',
    'The file is not a segment of the stated format. Look at it before anything else writes there.',
  ),
  'segment-not-flushed': entry(
    'refused',
    'Mark the source as flushed up to this segment first: walq mark-flushed SOURCE SEGMENT.',
  ),
  'segment-unknown': entry(
    'refused',
    'Check the name, and that the directory is mounted; nothing was marked.',
  ),
  'segment-name-refused': entry('permanent', 'Rename the segment, or narrow the pattern.'),

  // At the archive
  'store-unavailable': entry(
    'retryable',
    'Check that the archive is mounted, writable and has room; walq goes on by itself.',
  ),
  'store-full': entry('retryable', 'Make room in the archive; walq goes on by itself.'),
  'store-read-only': entry('retryable', 'Remount the archive writable, or mend its permissions.'),
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
  duplicate: entry(
    'permanent',
    'The archive holds other content under this name. Compare both; nothing was replaced.',
  ),
  'object-corrupt': entry(
    'permanent',
    'The object in the archive does not decode. Keep the source; see walq verify --deep.',
  ),
  'object-foreign': entry(
    'permanent',
    'The object was not written by walq: it has no manifest. Move it elsewhere.',
  ),
  'quarantine-malformed': entry(
    'refused',
    'Look at the record; remove the file to have its segment archived again.',
  ),
  'object-missing': entry('refused', 'See what is there: walq list.'),

  // At the destination of a restore
  'destination-exists': entry('refused', 'Choose an empty directory, or move the file away.'),
  'destination-io': entry('retryable', 'Check room and permissions at the destination.'),

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
  'redis-evicts': entry(
    'refused',
    'Set maxmemory-policy noeviction: with eviction Redis throws archive jobs away.',
  ),
  'worker-stalled': entry(
    'permanent',
    'Three workers died on this segment. Try it alone with walq archive and look at the message.',
  ),
  cancelled: entry('retryable', 'The work was given back and is taken up again.'),
  'thread-died': entry(
    'retryable',
    'Has this process enough memory? walq goes on in a new thread.',
  ),

  // At the command line
  'configuration-invalid': entry('refused', 'walq check --options lists every option.'),
  usage: entry('refused', 'See --help.'),
  unexpected: entry('retryable', 'This is a fault in walq. Please report it with the message.'),
} as const satisfies Record<string, CatalogueEntry>;

export type FailureCode = keyof typeof catalogue;
