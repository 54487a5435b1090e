/** A source of small segments, as many as wanted. */
import { mkdir, writeFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES_BETWEEN_TURNS = 1_000;

export const nameOf = (number: number): string => `wal-${String(number).padStart(9, '0')}.bin`;

/** Makes segments from 1 on, and a newer one, which stays: a source keeps its newest. */
export async function makeSegments(
  directory: string,
  { count, bytes, signal }: { count: number; bytes: number; signal: AbortSignal },
): Promise<void> {
  await mkdir(directory);
  const content = Buffer.alloc(bytes, 'update orders set status = 3 where id = 4711; ');
  for (let number = 1; number <= count + 1; number += 1) {
    writeFileSync(join(directory, nameOf(number)), content);
    if (number % FILES_BETWEEN_TURNS > 0) continue;
    await new Promise(setImmediate);
    signal.throwIfAborted();
  }
}

/** The configuration of the roles, with a source of each name at `<root>/<name>`. */
export async function writeConfig(
  root: string,
  redisUrl: string,
  names: readonly string[],
): Promise<string> {
  const path = join(root, 'walq.toml');
  const sources = names.map((name) => [
    `[sources.${name}]`,
    'type = "directory"',
    `path = "${join(root, name)}"`,
    String.raw`pattern = '^wal-(?<number>\d+)\.bin$'`,
    'after_archive = "delete"',
  ]);
  const lines = [
    '[redis]',
    `url = "${redisUrl}"`,
    '[archive]',
    `url = "${join(root, 'archive')}"`,
    ...sources.flat(),
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}
