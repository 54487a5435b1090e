import type { LevelEvent } from './levels.ts';

/** What a log says of a source's level: fields and a message. */
export function describeLevel(event: LevelEvent): [fields: object, message: string] {
  const { source, level } = event;
  if (event.kind === 'level-chosen') {
    return [{ source, level, before: event.before }, 'compression level chosen'];
  }
  const { code, message, hint } = event.failure;
  return [
    { source, level, code, hint },
    `compression level not measured, ${level} is used: ${message}`,
  ];
}
