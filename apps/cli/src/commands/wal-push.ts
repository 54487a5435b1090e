/** PostgreSQL's archive_command: 0 only when that very file is archived and confirmed. Never above 125. */
import {
  clearRefusal,
  createArchiver,
  createThreadPool,
  isWalqError,
  markerDirectory,
  nodeDisk,
  openSource,
  openStoreOf,
  processName,
  pushSegment,
  reasonOf,
  recordRefusal,
  walqDirectory,
  type AheadFailure,
  type Archiver,
  type ArchiverOptions,
  type FailureCode,
  type OpenSource,
  type PushReport,
  type Source,
} from '@walq/wal-core/internal';
import type { Config } from '@walq/config';
import { basename, dirname } from 'node:path';
import { durationMs } from '../command-line/arguments.ts';
import type { Call, CliCommand } from '../command-line/command.ts';
import { stateDirectory } from './wal-fetch/fetch-place.ts';
import { withHardTimeout } from '../deadlines/with-hard-timeout.ts';
import { isSameDirectory, postgresSource } from '../postgres/postgres-source.ts';
import { noteUnmeasured, noteUnused } from '../terminal/notes.ts';
import { writeFastPathRecord } from '../shell-fast-path/fast-path-record.ts';
import { printJson, warn } from '../terminal/print.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { assertMayWrite } from '../sources/owner.ts';

interface WalPushOptions {
  readonly source?: string;
  readonly timeout: number;
}

export const command: CliCommand<WalPushOptions> = {
  examples: ["archive_command = 'walq wal-push %p'"],

  define(program) {
    program
      .argument('<path>', 'the WAL file, as PostgreSQL writes it for %p')
      .option('--source <name>', 'the source it is of (default: the only one of type postgres)')
      .option('--timeout <duration>', 'give up after this (default: 60s)', durationMs, 60_000);
  },

  async run(call) {
    const { timeout } = call.options;
    const what = `archiving ${basename(call.args[0] ?? '')}`;
    const asked: Asked = {};
    const report = await withHardTimeout({ ...call, what, timeoutMs: timeout }, (signal) =>
      push(call, signal, asked),
    ).catch(async (error: unknown) => {
      await remember(asked, error);
      throw error;
    });
    if (call.json) await printJson(report);
  },
};

/** What the call turned out to be about, once that is known. */
interface Asked {
  source?: Source;
  segment?: string;
}

/** For `walq status`: what PostgreSQL's archiver stands still behind. That it was told to end is no reason. */
async function remember({ source, segment }: Asked, error: unknown): Promise<void> {
  if (source === undefined || segment === undefined || isWalqError(error, 'cancelled')) return;
  if (!isWalqError(error)) return;
  await recordRefusal(nodeDisk, source, segment, error).catch((failure: unknown) =>
    warn(`walq: unable to record the failure for walq status: ${reasonOf(failure)}`),
  );
}

async function push(
  call: Call<WalPushOptions>,
  signal: AbortSignal,
  asked: Asked,
): Promise<PushReport> {
  const [path = ''] = call.args;
  const config = await call.loadConfig();
  const source = postgresSource(config, call.options.source);
  if (!isSameDirectory(dirname(path), source.directory)) {
    throw new UsageError(
      `${path} is not in ${source.directory}, where source '${source.name}' has its WAL`,
      'PostgreSQL runs the command in its data directory: is [sources] path that directory?',
    );
  }
  await assertMayWrite(call, source);
  Object.assign(asked, { source, segment: basename(path) });
  const store = openStoreOf(source, nodeDisk);
  const open = await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  const segment = open.source.naming.parse(basename(path));
  if (segment === undefined) {
    throw new UsageError(
      `'${basename(path)}' is no name of a WAL file`,
      'Give what PostgreSQL writes for %p.',
    );
  }
  const report = await withArchiver(config, open, (archiver) =>
    pushSegment({ disk: nodeDisk, open, archiver, signal, onAheadFailure }, segment),
  );
  await clearRefusal(nodeDisk, source, segment.name).catch((failure: unknown) =>
    warn(`walq: ${reasonOf(failure)}`),
  );
  await writeFastPathRecordFor(call, config, open);
  return report;
}

/** Threads take a while to start: they are made only where this process archives something. */
async function withArchiver<T>(
  config: Config,
  { store }: OpenSource,
  work: (archiver: () => Archiver) => Promise<T>,
): Promise<T> {
  let archiver: Archiver | undefined;
  const options = (): ArchiverOptions => ({
    disk: nodeDisk,
    threads: createThreadPool({
      parallelism: config.wal.archiveParallelism,
      nice: config.wal.archiveNice,
    }),
    storeOf: () => store,
    level: config.compression.level,
    onLevel: noteUnmeasured,
    dictionary: config.compression.dictionary,
    onDictionary: noteUnused,
    conservative: config.wal.conservativeMode,
    worker: processName(),
  });
  try {
    return await work(() => (archiver ??= createArchiver(options())));
  } finally {
    await archiver?.close();
  }
}

/** PostgreSQL has its answer, or does not ask for them yet: that is no failure. */
const unremarkable: readonly FailureCode[] = ['cancelled', 'segment-not-flushed'];

function onAheadFailure({ segment, failure }: AheadFailure): void {
  if (unremarkable.includes(failure.code)) return;
  warn(`walq: ${segment}, behind it, could not be archived: ${failure.message} (${failure.code})`);
}

/** Of what stands behind the path: a call of another form is not remembered. */
async function writeFastPathRecordFor(
  { argv, args }: Call<WalPushOptions>,
  { file: configFile }: Config,
  open: OpenSource,
): Promise<void> {
  const [first, path, ...rest] = argv;
  if (configFile === undefined || first !== 'wal-push' || path !== args[0]) return;
  await writeFastPathRecord({
    kind: 'push',
    // Where the front looks, which knows no configuration.
    stateDirectory: stateDirectory() ?? walqDirectory(open.source),
    directory: markerDirectory(open),
    source: open.source.name,
    args: rest,
    configFile,
  });
}
