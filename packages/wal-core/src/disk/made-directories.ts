import { dirname, resolve } from 'node:path';

/** From mkdir's answer (the outermost directory it made) all that it made, outermost first. */
export function madeDirectories(outermost: string | undefined, path: string): readonly string[] {
  if (outermost === undefined) return [];
  const first = resolve(outermost);
  const made = [resolve(path)];
  while (made[0] !== undefined && made[0] !== first) made.unshift(dirname(made[0]));
  return made;
}
