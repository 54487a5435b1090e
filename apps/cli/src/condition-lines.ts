import type { Condition } from '@walq/wal-core/internal';
import { showAge } from './terminal/human.ts';
import { printable } from './terminal/printable.ts';

/** What is wrong with a source, for people: since when, and what to do. */
export function conditionLines(source: string, condition: Condition): string[] {
  const { level, message, hint, code, since } = condition;
  const notes = [
    ...(since === null ? [] : [`since ${since}, ${showAge(ageMs(since))} ago`]),
    ...(code === null ? [] : [code]),
  ];
  const behind = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return [
    `${level.padEnd(10)} ${source}: ${printable(message)}${behind}`,
    `             hint: ${printable(hint)}`,
  ];
}

const ageMs = (since: string): number => Math.max(0, Date.now() - Date.parse(since));
