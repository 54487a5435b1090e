/** A `walq.toml` of one `directory` source, as a user would write it. */
export interface ConfigurationOptions {
  readonly redisUrl?: string | undefined;
  /** Lines of `[redis]`, where that is not a URL. */
  readonly redisLines?: readonly string[];
  readonly archive: string;
  /** Lines of `[archive]`, where that is not the directory. */
  readonly archiveLines?: readonly string[];
  readonly source: string;
  readonly path: string;
  /** @default '^wal-(?<number>\\d+)\\.bin$' */
  readonly pattern?: string;
  /** @default 'delete' */
  readonly afterArchive?: 'delete' | 'keep';
  readonly skipNewest?: number;
  readonly numberBase?: 10 | 16;
  /** @default 3 */
  readonly level?: number | 'auto';
  /** Further lines, such as another source. */
  readonly moreLines?: readonly string[];
  /** Where the dashboard of `walq up` listens. */
  readonly dashboardPort?: number;
}

const WAL_PATTERN = '^wal-(?<number>\\d+)\\.bin$';

export function configurationText(options: ConfigurationOptions): string {
  const {
    redisUrl,
    archive,
    redisLines = redisUrl === undefined ? [] : [`url = "${redisUrl}"`],
    archiveLines = [`url = "file://${archive}"`],
    path,
    pattern = WAL_PATTERN,
    level = 3,
    dashboardPort,
  } = options;
  const lines = [
    redisLines.length === 0 ? '' : ['[redis]', ...redisLines].join('\n'),
    `[archive]\n${archiveLines.join('\n')}`,
    `[compression]\nlevel = ${JSON.stringify(level)}`,
    dashboardPort === undefined ? '' : `[dashboard]\nlisten = "127.0.0.1:${dashboardPort}"`,
    `[sources.${options.source}]`,
    `type = "directory"`,
    `path = '${path}'`,
    `pattern = '${pattern}'`,
    `after_archive = "${options.afterArchive ?? 'delete'}"`,
    options.skipNewest === undefined ? '' : `skip_newest = ${options.skipNewest}`,
    options.numberBase === undefined ? '' : `number_base = ${options.numberBase}`,
    ...(options.moreLines ?? []),
  ];
  return `${lines.filter(Boolean).join('\n')}\n`;
}
