/** PostgreSQL's archive_command: exits with 0 only when this very file is archived and confirmed, never above 125. */
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
import { durationOption } from '../command-line/arguments.ts';
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
      .option('--source <source>', 'name of the source (default: the only one of type postgres)')
      .addOption(
        durationOption('--timeout <duration>', 'give up after this').default(60_000, '60s'),
      );
  },

  async run(call) {
    const { timeout } = call.options;
    const what = `archiving ${basename(call.args[0] ?? '')}`;
    const asked: Asked = {};
    const report = await withHardTimeout({ ...call, what, timeoutMs: timeout }, (signal) =>
      push(call, signal, asked),
    ).catch(async (error: unknown) => {
      await recordFailure(asked, error);
      throw error;
    });
    if (call.json) await printJson(report);
  },
};

/** The source and segment of the call, once known. */
interface Asked {
  source?: Source;
  segment?: string;
}

/** Records for `walq status` why PostgreSQL's archiver is blocked. A cancelled call is not a reason. */
async function recordFailure({ source, segment }: Asked, error: unknown): Promise<void> {
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
      `${path} is not in ${source.directory}, the WAL directory of source '${source.name}'`,
      `Set path of [sources.${source.name}] to the data directory in which PostgreSQL runs the command.`,
    );
  }
  await assertMayWrite(call, source);
  Object.assign(asked, { source, segment: basename(path) });
  const store = openStoreOf(source, nodeDisk);
  const open = await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  const segment = open.source.naming.parse(basename(path));
  if (segment === undefined) {
    throw new UsageError(
      `'${basename(path)}' is not the name of a WAL file`,
      'Pass %p, which PostgreSQL replaces with the path of the file.',
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

/** Starting threads takes time, so they are created only if this process archives something. */
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

/** Not worth a note: PostgreSQL already has its answer, or has not asked yet. */
const unremarkable: readonly FailureCode[] = ['cancelled', 'segment-not-flushed'];

function onAheadFailure({ segment, failure }: AheadFailure): void {
  if (unremarkable.includes(failure.code)) return;
  warn(
    `walq: unable to archive ${segment} ahead of PostgreSQL's request: ${failure.message} (${failure.code})`,
  );
}

/** Only for calls of the form `wal-push PATH ARGS`. */
async function writeFastPathRecordFor(
  { argv, args }: Call<WalPushOptions>,
  { file: configFile }: Config,
  open: OpenSource,
): Promise<void> {
  const [first, path, ...rest] = argv;
  if (configFile === undefined || first !== 'wal-push' || path !== args[0]) return;
  await writeFastPathRecord({
    kind: 'push',
    // Where the shell fast path reads it: it knows no configuration.
    stateDirectory: stateDirectory() ?? walqDirectory(open.source),
    directory: markerDirectory(open),
    source: open.source.name,
    args: rest,
    configFile,
  });
}
