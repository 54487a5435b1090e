import { describeLevel, type LevelEvent } from '@walq/wal-core/internal';
import { note } from './terminal/print.ts';

/** A level that could not be measured: nothing failed, but somebody will wonder why it is not another one. */
export function noteUnmeasured(event: LevelEvent): void {
  if (event.kind === 'level-chosen') return;
  const [, message] = describeLevel(event);
  note(`walq: ${event.source}: ${message} (${event.failure.code})`);
}
