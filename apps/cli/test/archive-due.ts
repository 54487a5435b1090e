/** Archives made without a command and without threads, for tests that begin with one. */
import {
  archiveOne,
  createArchiver,
  createDueView,
  nodeDisk,
  openSource,
  openStore,
  postgresSource,
  type Source,
  createInlineThreads,
} from '@walq/wal-core/internal';
import type { PostgresScene } from './postgres-scene.ts';

/** The source `main` of a scene, as its configuration says it. */
export function postgresSourceOf({
  cluster: { dataDirectory, segmentBytes },
}: PostgresScene): Source {
  return postgresSource({ name: 'main', dataDirectory, segmentBytes });
}

/** Archives what is due; gives the names. */
export async function archiveDue(source: Source, archive: string): Promise<string[]> {
  const store = openStore(archive, { disk: nodeDisk });
  const open = await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  const archiver = createArchiver({
    disk: nodeDisk,
    threads: createInlineThreads(nodeDisk),
    storeOf: () => store,
    level: 3,
    conservative: true,
    worker: 'test:1',
  });
  const { due } = await createDueView(nodeDisk, open).scan(1000);
  const { signal } = new AbortController();
  for (const { name } of due) await archiveOne(archiver, source, name, { signal });
  return due.map(({ name }) => name);
}
