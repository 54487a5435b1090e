import { WalqError } from '@walq/wal-core/internal';

/** The BullMQ queue of one source, so that each can be paused and seen by itself. */
export function queueNameOf(prefix: string, sourceName: string): string {
  const name = `${prefix}-${sourceName}`;
  if (!name.includes(':')) return name;
  throw new WalqError('configuration-invalid', {
    message: `the queue name '${name}' contains ':', which Redis keys use as separator`,
    hint: 'Choose a queue.name of letters, digits and dashes.',
  });
}
