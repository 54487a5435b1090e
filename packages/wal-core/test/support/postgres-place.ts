import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterFiles, temporaryDirectory, type ClusterOptions } from '@walq/test-support';
import {
  archiveOne,
  createArchiver,
  nodeDisk,
  openSource,
  openStore,
  postgresSource,
  Repairer,
  type ArchiveStore,
  type DictionarySetting,
  type Disk,
  type SegmentReport,
  type Source,
  type StepListener,
  createInlineThreads,
} from '@walq/wal-core/internal';

/** A PostgreSQL source of hand-made files, and its archive. */
export class PostgresPlace {
  readonly cluster: ClusterFiles;
  readonly store: ArchiveStore;

  constructor(root: string, options: ClusterOptions, archive: string) {
    this.cluster = new ClusterFiles(join(root, 'main'), options);
    this.store = openStore(archive, { disk: nodeDisk });
  }

  get source(): Source {
    const { dataDirectory } = this.cluster;
    return postgresSource({ name: 'main', dataDirectory });
  }

  open() {
    const { source, store } = this;
    return openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  }

  repairer(): Promise<Repairer> {
    const { source, store } = this;
    const threads = createInlineThreads(nodeDisk);
    const how = { level: 3, conservative: true, worker: 'test:1', by: 'maria@db1' } as const;
    return Repairer.open({ disk: nodeDisk, source, store, threads, ...how });
  }

  /** With a fresh archiver, as a new process would. */
  archive(
    segment: string,
    options: {
      onStep?: StepListener;
      acknowledge?: boolean;
      dictionary?: DictionarySetting;
      disk?: Disk;
    } = {},
  ): Promise<SegmentReport> {
    const { acknowledge, onStep, dictionary, disk = nodeDisk } = options;
    const archiver = createArchiver({
      disk,
      threads: createInlineThreads(nodeDisk),
      storeOf: () => this.store,
      level: 3,
      conservative: true,
      worker: 'test:1',
      dictionary,
      ...(onStep && { onStep }),
    });
    const { signal } = new AbortController();
    return archiveOne(archiver, this.source, segment, {
      signal,
      ...(acknowledge !== undefined && { acknowledge }),
    });
  }
}

/** `archive`: another place's, to share it. */
export async function newPostgresPlace(
  options: ClusterOptions & { readonly archive?: string } = {},
): Promise<PostgresPlace> {
  const directory = await temporaryDirectory('postgres');
  const archive = options.archive ?? directory.at('archive');
  if (options.archive === undefined) await mkdir(archive);
  const place = new PostgresPlace(directory.path, options, archive);
  await place.cluster.create();
  return place;
}
