import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the writers do, the same in every mode. */
export interface Workload {
  /** Length of each of the two stretches, at the rate and at full load. */
  readonly seconds: number;
  /** Appends a second, on average. */
  readonly rate: number;
  readonly recordBytes: number;
  readonly segmentBytes: number;
  /** Sealed segments from one flush to the next. */
  readonly flushEvery: number;
  /** Concurrent appends at full load. */
  readonly writers: number;
  readonly seed: number;
}

/** The ways to archive that stand side by side, the first without any. */
export const stressModes = ['off', 'synchronous', 'in-process', 'queued'] as const;

export type StressMode = (typeof stressModes)[number];

export const STRESS_SOURCE = 'stress';

export interface ArchivingSettings {
  /** Segments at once. */
  readonly parallelism: number;
  /** Nice value of the archiving threads, 0 to 19. */
  readonly nice: number;
}

/**
 * Where one mode runs once: a log, an archive and the configuration that joins them. Gives the path of the
 * configuration; the root must not be there yet.
 */
export async function prepareStressPlace(
  root: string,
  archiving: ArchivingSettings,
): Promise<string> {
  for (const directory of [root, join(root, 'wal'), join(root, 'archive')]) await mkdir(directory);
  const configPath = join(root, 'walq.toml');
  await writeFile(configPath, configOf(root, archiving));
  return configPath;
}

const configOf = (
  root: string,
  { parallelism, nice }: ArchivingSettings,
): string => `# Written by walq stress.
[queue]
name = "walq-stress-${randomBytes(6).toString('hex')}"

[wal]
archive_parallelism = ${parallelism}
archive_nice = ${nice}

[archive]
url = ${JSON.stringify(join(root, 'archive'))}

[sources.${STRESS_SOURCE}]
type = "log"
path = ${JSON.stringify(join(root, 'wal'))}

[log]
level = "warn"
`;
