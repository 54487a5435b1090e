/** One configuration of many sources, each brought into a state of its own, and the four views of them. */
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  archiveOne,
  advanceWatermark,
  createArchiver,
  nodeDisk,
  openSource,
  openStoreOf,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { loadConfig, type ConfiguredSource } from '@walq/config';
import { freePort, temporaryDirectory, type RunningProcess } from '@walq/test-support';
import { runWalq, startWalq } from './walq-process.ts';

const HOUR_MS = 3_600_000;

export const nameOf = (number: number): string => `wal-${number}.bin`;

export interface SourceSetup {
  /** Highest segment that is written; from 1. @default 6 */
  readonly segments?: number;
  /** Highest segment that is flushed; nothing is without it. */
  readonly flushedUpTo?: number;
  /** Which are archived. */
  readonly archived?: readonly number[];
  /** Lines of the source's table. @default after_archive = "delete" */
  readonly lines?: readonly string[];
  /** How long ago segments and watermark were written, in hours. @default 0 */
  readonly hoursAgo?: number;
  /** Not registered, and its archive does not exist. */
  readonly isNew?: boolean;
  /** Its archive, where that is not a directory of its own. */
  readonly archiveUrl?: string;
  /** Called with the archive's directory while it is empty. */
  readonly onArchive?: (path: string) => Promise<void>;
}

/** The place of one source. */
export class SourcePlace {
  readonly name: string;
  readonly #root: string;
  readonly #source: ConfiguredSource;

  constructor(root: string, source: ConfiguredSource) {
    this.#root = root;
    this.#source = source;
    this.name = source.name;
  }

  get directory(): string {
    return join(this.#root, this.name, 'wal');
  }

  get archive(): string {
    return join(this.#root, this.name, 'archive');
  }

  get watermark(): string {
    return join(this.directory, '.walq/watermark.json');
  }

  get store() {
    return openStoreOf(this.#source, nodeDisk);
  }

  pathOf(number: number): string {
    return join(this.directory, nameOf(number));
  }

  /** Writes, registers, flushes and archives what a state requires. */
  async setUp(setup: SourceSetup): Promise<void> {
    const { segments = 6, flushedUpTo, archived = [], hoursAgo = 0 } = setup;
    await mkdir(this.directory, { recursive: true });
    for (let n = 1; n <= segments; n += 1) await writeFile(this.pathOf(n), `${n} `.repeat(20_000));
    if (setup.isNew === true) return;
    await mkdir(this.archive);
    await setup.onArchive?.(this.archive);
    const source = this.#source;
    const { sourceId } = await openSource({
      disk: nodeDisk,
      source,
      store: this.store,
      registerIfNew: true,
    });
    const last = source.naming.parse(nameOf(flushedUpTo ?? 0));
    if (flushedUpTo !== undefined && last !== undefined) {
      await advanceWatermark(nodeDisk, source, sourceId, last);
    }
    await this.age(hoursAgo, flushedUpTo === undefined ? 0 : 1, segments);
    for (const n of archived) await this.archive1(n);
  }

  async age(hours: number, from: number, until: number): Promise<void> {
    const at = new Date(Date.now() - hours * HOUR_MS);
    for (let n = Math.max(1, from); n <= until; n += 1) await utimes(this.pathOf(n), at, at);
    if (from > 0) await utimes(this.watermark, at, at);
  }

  async archive1(number: number): Promise<void> {
    const archiver = createArchiver({
      disk: nodeDisk,
      threads: createInlineThreads(nodeDisk),
      storeOf: () => this.store,
      level: 3,
      conservative: true,
      worker: 'test:1',
    });
    const { signal } = new AbortController();
    await archiveOne(archiver, this.#source, nameOf(number), { signal });
  }
}

export interface Condition {
  readonly kind: string;
  readonly level: string;
  readonly message: string;
  readonly hint: string;
  readonly since: string | null;
  readonly isHolding: boolean;
}

interface StatusOf {
  readonly conditions: readonly Condition[];
  readonly dueSegments?: number;
  readonly unflushed?: { readonly segments: number } | null;
  readonly gaps?: readonly unknown[];
  readonly quarantined?: readonly unknown[];
}

interface ListedRepairs {
  readonly conditions: readonly Condition[];
  readonly gaps: readonly { readonly acknowledged: unknown }[];
  readonly quarantined: readonly unknown[];
  readonly mismatched: readonly string[];
}

interface ViewOf {
  readonly name: string;
  readonly conditions: readonly Condition[];
  readonly backlog: { readonly segments: number } | null;
  readonly unflushed: { readonly segments: number } | null;
  readonly openGaps: number;
  readonly quarantined: number;
}

export interface Reason {
  readonly level: string;
  readonly sources: readonly string[];
  readonly message: string;
}

export interface PageState {
  readonly headline: {
    readonly level: string;
    readonly sentence: string;
    readonly reasons: readonly Reason[];
  };
  readonly sources: readonly (ViewOf & { readonly level: string })[];
}

export class ManySources {
  readonly root: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #page: string;
  readonly #metrics: string;
  readonly #places: ReadonlyMap<string, SourcePlace>;

  private constructor(
    root: string,
    ports: { readonly page: number; readonly metrics: number },
    places: ReadonlyMap<string, SourcePlace>,
  ) {
    this.root = root;
    this.#page = `http://127.0.0.1:${ports.page}`;
    this.#metrics = `http://127.0.0.1:${ports.metrics}/metrics`;
    this.#env = { WALQ_METRICS__LISTEN: `127.0.0.1:${ports.metrics}` };
    this.#places = places;
  }

  static async create(
    setups: Readonly<Record<string, SourceSetup>>,
    redisUrl?: string,
    moreLines: readonly string[] = [],
  ): Promise<ManySources> {
    const { path: root } = await temporaryDirectory('many');
    const [page, metrics] = [await freePort(), await freePort()];
    const lines = [
      ...(redisUrl === undefined ? [] : ['[redis]', `url = "${redisUrl}"`]),
      ...moreLines,
      `[dashboard]\nlisten = "127.0.0.1:${page}"\nread_only = true`,
      ...Object.entries(setups).flatMap(([name, setup]) => tableOf(name, setup)),
    ];
    await writeFile(join(root, 'walq.toml'), `${lines.join('\n')}\n`);
    const { sources } = await loadConfig({ disk: nodeDisk, cwd: root, env: {} });
    const places = sources.map((source) => [source.name, new SourcePlace(root, source)] as const);
    for (const [name, place] of places) await place.setUp(setups[name] ?? {});
    return new ManySources(root, { page, metrics }, new Map(places));
  }

  of(name: string): SourcePlace {
    const place = this.#places.get(name);
    if (place === undefined) throw new Error(`no source ${name}`);
    return place;
  }

  /** More variables for every command and role that is started from now on. */
  env: Readonly<Record<string, string>> = {};

  walq(...args: string[]) {
    return runWalq(args, { cwd: this.root, env: this.env });
  }

  start(...args: string[]): Promise<RunningProcess> {
    const own = args[0] === 'dashboard' ? this.#env : { WALQ_METRICS__LISTEN: 'off' };
    return startWalq(args, { cwd: this.root, env: { ...this.env, ...own } });
  }

  async status(): Promise<{
    readonly code: number | null;
    readonly sources: Record<string, StatusOf>;
  }> {
    const { code, json } = await this.walq('status', '--json');
    return { code, ...(json() as { sources: Record<string, StatusOf> }) };
  }

  async repairs(): Promise<Record<string, ListedRepairs>> {
    const { json } = await this.walq('repair', '--json');
    return (json() as { sources: Record<string, ListedRepairs> }).sources;
  }

  async page(): Promise<PageState> {
    return (await (await fetch(`${this.#page}/api/state`)).json()) as PageState;
  }

  /** Samples by name and source; conditions by their labels. */
  async metrics(): Promise<Metrics> {
    const text = await (await fetch(this.#metrics)).text();
    return new Metrics(text.split('\n'));
  }
}

function tableOf(name: string, setup: SourceSetup): string[] {
  const { lines = ['after_archive = "delete"'], archiveUrl = `${name}/archive` } = setup;
  return [
    `[sources.${name}]`,
    `type = "directory"`,
    `path = "${name}/wal"`,
    `archive = "${archiveUrl}"`,
    `pattern = '^wal-(?<number>\\d+)\\.bin$'`,
    ...lines,
  ];
}

export class Metrics {
  readonly #lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  value(metric: string, source: string): number | null {
    const start = `${metric}{source="${source}"} `;
    const line = this.#lines.find((one) => one.startsWith(start));
    return line === undefined ? null : Number(line.slice(start.length));
  }

  conditions(source: string): string[] {
    const pattern =
      /^walq_source_condition\{source="(?<of>[^"]*)",condition="(?<kind>[^"]*)",level="(?<level>[^"]*)"\} 1$/;
    return this.#lines.flatMap((line) => {
      const { of, kind, level } = pattern.exec(line)?.groups ?? {};
      return of === source ? [`${level} ${kind}`] : [];
    });
  }
}

export const namesOf = (conditions: readonly Condition[]): string[] =>
  conditions.map(({ level, kind }) => `${level} ${kind}`).toSorted();
