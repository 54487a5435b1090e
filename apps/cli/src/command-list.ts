import type { CliCommand } from './command.ts';

export interface ListedCommand {
  readonly name: string;
  readonly summary: string;
  /** Not for people: started by another command. */
  readonly isHidden?: true;
  /** Loads the command's file and what it needs; `walq --version` loads none. */
  readonly load: () => Promise<{ readonly command: CliCommand<never> }>;
}

export const commandList: readonly ListedCommand[] = [
  {
    name: 'demo',
    summary: 'the whole way on this machine: write, flush, archive, restore, compare',
    load: () => import('./commands/demo/demo.ts'),
  },
  {
    name: 'up',
    summary: 'run producer, workers, dashboard and, where none is named, a Redis',
    load: () => import('./commands/up.ts'),
  },
  {
    name: 'producer',
    summary: 'watch the sources and put what is flushed on the queue',
    load: () => import('./commands/producer.ts'),
  },
  {
    name: 'worker',
    summary: 'take segments from the queue and archive them',
    load: () => import('./commands/worker.ts'),
  },
  {
    name: 'dashboard',
    summary: 'serve the archive page and the queue board',
    load: () => import('./commands/dashboard.ts'),
  },
  {
    name: 'archive',
    summary: 'archive a directory in this process, without Redis',
    load: () => import('./commands/archive/archive.ts'),
  },
  {
    name: 'mark-flushed',
    summary: 'say that a source is flushed up to and including a segment',
    load: () => import('./commands/mark-flushed.ts'),
  },
  {
    name: 'wal-push',
    summary: 'PostgreSQL’s archive_command',
    load: () => import('./commands/wal-push.ts'),
  },
  {
    name: 'wal-fetch',
    summary: 'PostgreSQL’s restore_command',
    load: () => import('./commands/wal-fetch/wal-fetch.ts'),
  },
  {
    name: 'wal-fetch-ahead',
    summary: 'fetches what wal-fetch will be asked for',
    isHidden: true,
    load: () => import('./commands/wal-fetch/wal-fetch-ahead.ts'),
  },
  {
    name: 'adopt',
    summary: 'admit this PostgreSQL instance to an archive that another one began',
    load: () => import('./commands/adopt.ts'),
  },
  {
    name: 'status',
    summary: 'show what is due, the workers and the quarantine',
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'pause',
    summary: 'have workers take no more segments of a source',
    load: async () => ({ command: (await import('./commands/operate.ts')).pause }),
  },
  {
    name: 'resume',
    summary: 'end the pause of a source',
    load: async () => ({ command: (await import('./commands/operate.ts')).resume }),
  },
  {
    name: 'retry',
    summary: 'try segments now that wait after a failure',
    load: async () => ({ command: (await import('./commands/operate.ts')).retry }),
  },
  {
    name: 'list',
    summary: 'list what is in the archive',
    load: () => import('./commands/list.ts'),
  },
  {
    name: 'show',
    summary: 'show one segment of the archive',
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'verify',
    summary: 'look for gaps and, with --deep, check every byte',
    load: () => import('./commands/verify/verify.ts'),
  },
  {
    name: 'repair',
    summary: 'list the quarantine and gaps; release, archive again, replace, acknowledge',
    load: () => import('./commands/repair/repair.ts'),
  },
  {
    name: 'restore',
    summary: 'bring segments back into a directory',
    load: () => import('./commands/restore/restore.ts'),
  },
  {
    name: 'prune',
    summary: 'remove from the archive what no rule of retention keeps',
    load: () => import('./commands/prune/prune.ts'),
  },
  {
    name: 'train',
    summary: 'train a zstd dictionary on a source’s own segments',
    load: () => import('./commands/train/train.ts'),
  },
  {
    name: 'check',
    summary: 'check configuration, Redis, archives and sources',
    load: () => import('./commands/check/check.ts'),
  },
  {
    name: 'bench',
    summary: 'measure on this machine, beside the zstd tool',
    load: () => import('./commands/bench.ts'),
  },
  {
    name: 'stress',
    summary: 'measure an engine under load, beside each way to archive',
    load: () => import('./commands/stress.ts'),
  },
  {
    name: 'version',
    summary: 'print the version',
    load: () => import('./commands/version.ts'),
  },
];
