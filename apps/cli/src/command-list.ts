import type { CliCommand } from './command.ts';

export interface ListedCommand {
  readonly name: string;
  readonly summary: string;
  /** Loads the command's file and what it needs; `walq --version` loads none. */
  readonly load: () => Promise<{ readonly command: CliCommand<never> }>;
}

export const commandList: readonly ListedCommand[] = [
  {
    name: 'demo',
    summary: 'the whole way on this machine: write, flush, archive, restore, compare',
    load: () => import('./commands/demo.ts'),
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
    summary: 'serve the queue board and health',
    load: () => import('./commands/dashboard.ts'),
  },
  {
    name: 'archive',
    summary: 'archive a directory in this process, without Redis',
    load: () => import('./commands/archive.ts'),
  },
  {
    name: 'mark-flushed',
    summary: 'say that a source is flushed up to and including a segment',
    load: () => import('./commands/mark-flushed.ts'),
  },
  {
    name: 'status',
    summary: 'show what is due, the workers and the quarantine',
    load: () => import('./commands/status.ts'),
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
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'restore',
    summary: 'bring segments back into a directory',
    load: () => import('./commands/restore.ts'),
  },
  {
    name: 'check',
    summary: 'check configuration, Redis, archives and sources',
    load: () => import('./commands/check.ts'),
  },
];
