/** The commands, in the order and the groups of `walq help`. */
import type { CliCommand } from './command.ts';

export interface ListedCommand {
  readonly name: string;
  /** Describes the command, as an instruction without a full stop. */
  readonly summary: string;
  /** Heading in `walq help`. */
  readonly group: string;
  /** Another command or a script starts it, so the help leaves it out. */
  readonly isHidden?: true;
  /** A role, or what starts roles. Its memory counts more than the time that it takes to start. */
  readonly runsForLong?: true;
  /** Loads the command's file and its dependencies; `walq --version` loads none. */
  readonly load: () => Promise<{ readonly command: CliCommand<never> }>;
}

const groups = {
  run: 'Run:',
  watch: 'Watch and control:',
  now: 'Archive now:',
  postgres: 'PostgreSQL:',
  read: 'Read the archive:',
  maintain: 'Maintain the archive:',
  measure: 'Measure:',
  about: 'About walq:',
} as const;

export const commandList: readonly ListedCommand[] = [
  {
    name: 'demo',
    summary: 'Archive and restore generated segments on this machine, and compare them',
    group: groups.run,
    load: () => import('../commands/demo/demo.ts'),
  },
  {
    name: 'up',
    summary: 'Run a producer, workers, the dashboard and, if none is configured, a private Redis',
    group: groups.run,
    runsForLong: true,
    load: () => import('../commands/up.ts'),
  },
  {
    name: 'producer',
    summary: 'Watch the sources and put flushed segments on the queue',
    group: groups.run,
    runsForLong: true,
    load: () => import('../commands/producer.ts'),
  },
  {
    name: 'worker',
    summary: 'Take segments from the queue and archive them',
    group: groups.run,
    runsForLong: true,
    load: () => import('../commands/worker.ts'),
  },
  {
    name: 'dashboard',
    summary: 'Serve the archive page and the queue board',
    group: groups.run,
    runsForLong: true,
    load: () => import('../commands/dashboard.ts'),
  },
  {
    name: 'check',
    summary: 'Check the configuration, Redis, archives and sources',
    group: groups.run,
    load: () => import('../commands/check/check.ts'),
  },
  {
    name: 'status',
    summary: 'Show the backlog, quarantine, gaps, queues and workers',
    group: groups.watch,
    load: () => import('../commands/status.ts'),
  },
  {
    name: 'pause',
    summary: 'Stop workers from taking segments of a source',
    group: groups.watch,
    load: async () => ({ command: (await import('../commands/operate.ts')).pause }),
  },
  {
    name: 'resume',
    summary: 'End the pause of a source',
    group: groups.watch,
    load: async () => ({ command: (await import('../commands/operate.ts')).resume }),
  },
  {
    name: 'retry',
    summary: 'Retry segments now that are delayed after a failure',
    group: groups.watch,
    load: async () => ({ command: (await import('../commands/operate.ts')).retry }),
  },
  {
    name: 'archive',
    summary: 'Archive a directory in this process, without Redis',
    group: groups.now,
    load: () => import('../commands/archive/archive.ts'),
  },
  {
    name: 'mark-flushed',
    summary: 'Mark a source as flushed through a segment',
    group: groups.now,
    load: () => import('../commands/mark-flushed.ts'),
  },
  {
    name: 'wal-push',
    summary: 'Archive a WAL file: PostgreSQL’s archive_command',
    group: groups.postgres,
    load: () => import('../commands/wal-push.ts'),
  },
  {
    name: 'wal-fetch',
    summary: 'Restore a WAL file: PostgreSQL’s restore_command',
    group: groups.postgres,
    load: () => import('../commands/wal-fetch/wal-fetch.ts'),
  },
  {
    name: 'adopt',
    summary: 'Admit this PostgreSQL instance to an archive that another instance began',
    group: groups.postgres,
    load: () => import('../commands/adopt.ts'),
  },
  {
    name: 'list',
    summary: 'List the segments in the archive',
    group: groups.read,
    load: () => import('../commands/list.ts'),
  },
  {
    name: 'show',
    summary: 'Show one segment of the archive',
    group: groups.read,
    load: () => import('../commands/show.ts'),
  },
  {
    name: 'verify',
    summary: 'Find gaps and, with --deep, check every byte',
    group: groups.read,
    load: () => import('../commands/verify/verify.ts'),
  },
  {
    name: 'restore',
    summary: 'Restore segments into a directory',
    group: groups.read,
    load: () => import('../commands/restore/restore.ts'),
  },
  {
    name: 'repair',
    summary: 'List quarantined segments and gaps; release, archive again, replace, acknowledge',
    group: groups.maintain,
    load: () => import('../commands/repair/repair.ts'),
  },
  {
    name: 'prune',
    summary: 'Remove from the archive what no retention rule keeps',
    group: groups.maintain,
    load: () => import('../commands/prune/prune.ts'),
  },
  {
    name: 'train',
    summary: 'Train a zstd dictionary on the segments of a source',
    group: groups.maintain,
    load: () => import('../commands/train/train.ts'),
  },
  {
    name: 'bench',
    summary: 'Measure archiving on this machine, next to the zstd tool',
    group: groups.measure,
    load: () => import('../commands/bench.ts'),
  },
  {
    name: 'stress',
    summary: 'Measure an engine under load, with each way to archive',
    group: groups.measure,
    load: () => import('../commands/stress.ts'),
  },
  {
    name: 'help',
    summary: 'Print the help of a command',
    group: groups.about,
    load: () => import('../commands/help.ts'),
  },
  {
    name: 'man',
    summary: 'Print the manual page of all commands',
    group: groups.about,
    load: () => import('../commands/man.ts'),
  },
  {
    name: 'completion',
    summary: 'Print the completion script of a shell',
    group: groups.about,
    load: () => import('../commands/completion/completion.ts'),
  },
  {
    name: 'complete-sources',
    summary: 'Print the names of the configured sources, for completion',
    group: groups.about,
    isHidden: true,
    load: () => import('../commands/completion/complete-sources.ts'),
  },
  {
    name: 'version',
    summary: 'Print the version',
    group: groups.about,
    load: () => import('../commands/version.ts'),
  },
];
