import { loadConfig, type ConfiguredSource, type ConfigWith } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Input } from '../input/input.ts';

/** One way to archive segments. */
export interface Contestant {
  /** For machines: `queue-1`. */
  readonly id: string;
  readonly title: string;
  /** Why it cannot take part; undefined when it can. */
  readonly absence?: string | undefined;
  /** Whether what it archived is gone from the source afterwards. */
  readonly deletes: boolean;
  /** Starts all that it needs. */
  open(place: Place): Promise<Runner>;
}

export interface Runner {
  /** Archives what it has not archived yet, up to and including the segment. Gives milliseconds. */
  clean(upTo: string): Promise<number>;
  /** Ends all that was started, whatever came of it. */
  close(): Promise<void>;
}

export type RoleEnvironment = Readonly<Record<string, string>>;

/** Where one contestant runs once: fresh copies of the segments, an empty archive, a configuration. */
interface PlaceOptions {
  /** A directory that is not there yet. */
  readonly root: string;
  readonly input: Input;
  readonly level: number;
  /** Segments at once. */
  readonly parallelism: number;
  /** Nice value of walq's archiving threads, 0 to 19. */
  readonly nice: number;
  /** The command walq. */
  readonly walq: string;
  /** The environment that names the Redis of the roles. */
  readonly env: RoleEnvironment;
  readonly signal: AbortSignal;
}

export interface Place extends PlaceOptions {
  readonly sourceDirectory: string;
  readonly archiveDirectory: string;
  readonly configPath: string;
}

export async function preparePlace(options: PlaceOptions): Promise<Place> {
  const { root } = options;
  const sourceDirectory = join(root, 'wal');
  const archiveDirectory = join(root, 'archive');
  for (const directory of [root, sourceDirectory, archiveDirectory]) await mkdir(directory);
  await copyAll(options, sourceDirectory);
  const configPath = join(root, 'walq.toml');
  const place = { ...options, sourceDirectory, archiveDirectory, configPath };
  await writeFile(configPath, configOf(place));
  return place;
}

export const removePlace = ({ root }: Pick<Place, 'root'>): Promise<void> =>
  rm(root, { recursive: true, force: true });

/** As many as Node has threads for files. */
const COPIES_AT_ONCE = 4;

async function copyAll({ input, signal }: PlaceOptions, directory: string): Promise<void> {
  const segments = input.segments.values();
  const lane = async () => {
    for (const { path, name } of segments) {
      signal.throwIfAborted();
      await copyDurably(path, join(directory, name));
    }
  };
  await Promise.all(Array.from({ length: COPIES_AT_ONCE }, lane));
}

/** What is still to be written to the device would be paid for by whoever fsyncs next. */
async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const file = await open(to, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

const configOf = ({ input, level, nice, sourceDirectory, archiveDirectory }: Place): string => `
[queue]
name = "walq-bench-${randomBytes(6).toString('hex')}"
[wal]
archive_nice = ${nice}
[compression]
level = ${level}
[archive]
url = ${JSON.stringify(archiveDirectory)}
[metrics]
listen = "off"
[sources.bench]
type = "${input.kind === 'log' ? 'log' : 'directory'}"
path = ${JSON.stringify(sourceDirectory)}
after_archive = "delete"
${input.kind === 'log' ? '' : String.raw`pattern = '^wal-(?<number>\d+)\.bin$'`}
`;

/** The environment without what it says of walq: a measurement is of what the place says. */
export function environmentOf(env: RoleEnvironment): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('WALQ_'));
  return { ...Object.fromEntries(own), ...env };
}

export async function configAt(
  configPath: string,
  env: RoleEnvironment,
): Promise<{ readonly config: ConfigWith<'redis'>; readonly source: ConfiguredSource }> {
  const config = await loadConfig({
    disk: nodeDisk,
    cwd: '/',
    env: environmentOf(env),
    configPath,
  });
  const [source] = config.sources;
  if (source === undefined) throw new Error('the configuration of a measurement has its source');
  return { config, source };
}
