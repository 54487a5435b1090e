/** The file names of well-known engines: which of their files are segments, and which are not. */
import type { NumberBase } from './naming.ts';
import { literal } from './name-family.ts';

export interface KnownLayout {
  readonly engine: string;
  /** Matches its segments. The group `prefix` is what a user of the engine can choose. */
  readonly segment: RegExp;
  /** Matches its other files with a digit in the name. */
  readonly others: RegExp;
  readonly base: NumberBase;
  /** The pattern of the segments, as for a configuration. */
  patternOf(prefix: string): string;
  /** A name that must be among the files. Default: none. */
  readonly sign?: RegExp;
  /** A file that must exist next to the segments. Default: none. */
  companionFile?(prefix: string): string;
}

/** Files that are overwritten in a circle under the same names, so that none of them is ever sealed. */
export const circularLogs: readonly { readonly name: RegExp; readonly engine: string }[] = [
  { name: /^ib_logfile\d+$|^#ib_redo\d+(?:_tmp)?$/, engine: 'the redo log of InnoDB' },
  { name: /^redo\d+\.log$/i, engine: 'the online redo log of Oracle' },
];

const fixed = (pattern: string) => ({
  segment: new RegExp(pattern, 'u'),
  patternOf: () => pattern,
});

export const knownLayouts: readonly KnownLayout[] = [
  {
    engine: 'etcd',
    ...fixed('^(?<number>[0-9a-f]{16})-[0-9a-f]{16}\\.wal$'),
    others: /\.wal\.broken$/,
    base: 16,
  },
  {
    // A snapshot is named after the end of the log, which is above the open segment.
    engine: 'Kafka',
    ...fixed('^(?<number>\\d{20})\\.(?!snapshot$)[a-z]+$'),
    others:
      /^\d{20}\.snapshot$|^\d{20}-\d{10}\.checkpoint(?:\.part|\.deleted)?$|^\d{20}\.[a-z]+\.(?:deleted|cleaned|swap)$/,
    base: 10,
    sign: /^\d{20}\.(?:time)?index$/,
  },
  {
    engine: 'RocksDB, LevelDB or Pebble',
    ...fixed('^(?<number>\\d{6,})\\.log$'),
    others:
      /^\d{6,}\.(?:sst|ldb|blob|dbtmp|sst\.trash|log\.trash)$|^(?:MANIFEST|OPTIONS)-\d+(?:\.dbtmp)?$|^LOG\.old\.\d+$|^marker\.[\w.-]+$/,
    base: 10,
  },
  {
    engine: 'WiredTiger',
    ...fixed('^WiredTigerLog\\.(?<number>\\d{10})$'),
    others: /^WiredTiger(?:Preplog|Tmplog)\.\d{10}$|\.wt$/,
    base: 10,
  },
  {
    engine: 'MariaDB or MySQL',
    segment: /^(?<prefix>.+)\.(?<number>\d{6,})$/u,
    patternOf: (prefix) => `^${literal(prefix)}\\.(?<number>\\d{6,})$`,
    others:
      /^ib_logfile\d+$|^#ib_redo\d+|^ibdata\d+$|^ibtmp\d+$|^undo_?\d+$|^aria_log\.\d{8}$|^#ib_\d+_\d+\.dblwr$|-relay-bin\.\d{6,}$|\.\d{6,}\.idx$|^debian-[\d.]+\.flag$|\.(?:pid|err|log|index|state|cnf|info|pem)$/,
    base: 10,
    companionFile: (prefix) => `${prefix}.index`,
  },
  {
    // The base file is a copy of the data that the log continues. It has numbers of its own.
    engine: 'Redis or Valkey',
    segment: /^(?<prefix>.+)\.(?<number>\d+)\.incr\.aof$/u,
    patternOf: (prefix) => `^${literal(prefix)}\\.(?<number>\\d+)\\.incr\\.aof$`,
    others: /\.\d+\.base\.(?:rdb|aof)$|^temp-[\w-]*\d+\.(?:aof|rdb)$/,
    base: 10,
  },
  {
    engine: 'PostgreSQL',
    ...fixed('^(?<number>[0-9A-F]{24})$'),
    others: /^[0-9A-F]{8}\.history$|^[0-9A-F]{24}\.[0-9A-F]{8}\.backup$/,
    base: 16,
  },
];

/** Matches the names of a directory against one layout, in bounded memory. */
export class LayoutMatch {
  readonly layout: KnownLayout;
  /** Numbered names that the layout does not match. */
  readonly misfits: string[] = [];
  /** Some of its segments. */
  readonly samples: string[] = [];
  #prefix: string | undefined;
  #hasSign = false;

  constructor(layout: KnownLayout) {
    this.layout = layout;
    this.#hasSign = layout.sign === undefined;
  }

  add(name: string): void {
    const { others, segment, sign } = this.layout;
    if (sign?.test(name) === true) this.#hasSign = true;
    if (others.test(name)) return;
    const prefix = segment.exec(name)?.groups?.['prefix'] ?? '';
    const fits = segment.test(name) && (this.#prefix === undefined || this.#prefix === prefix);
    if (fits) this.#prefix = prefix;
    const kept = fits ? this.samples : this.misfits;
    if (kept.length <= NAMES_MAX) kept.push(name);
  }

  /** Whether there are segments of this layout, and few enough other files to check each. */
  get mayFit(): boolean {
    return this.#prefix !== undefined && this.#hasSign && this.misfits.length <= NAMES_MAX;
  }

  get pattern(): string {
    return this.layout.patternOf(this.#prefix ?? '');
  }

  get companionFile(): string | undefined {
    return this.layout.companionFile?.(this.#prefix ?? '');
  }
}

const NAMES_MAX = 64;
