import { readFileSync } from 'node:fs';

/** What Linux gives a process where nobody said otherwise. */
const USUAL = 1_024;

/** How many descriptors this process may hold. */
export function descriptorsMax(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files +(?<soft>\d+)/m.exec(limits)?.groups?.['soft'];
    return soft === undefined ? USUAL : Number(soft);
  } catch {
    // There is no /proc here.
    return USUAL;
  }
}
