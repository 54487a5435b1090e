import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  eventually,
  faultsAtAnyTime,
  faultsAtTheEnd,
  hiddenFiles,
  temporaryDirectory,
  visibleObjects,
  type CheckedPlace,
  type EventuallyOptions,
  type Faults,
  type RunningProcess,
} from '@walq/test-support';
import { holdBounded } from './bounded-role.ts';
import { configurationText, type ConfigurationOptions } from './configuration.ts';
import { segmentContent } from './segment-content.ts';
import { runWalq, startWalq, type WalqResult } from './walq-process.ts';

export const MEBIBYTE = 1 << 20;

type SceneOptions = Partial<Omit<ConfigurationOptions, 'path' | 'archive'>>;

/**
 * One source, one archive, the configuration that joins them, and originals kept aside: everything a
 * test asks of `walq` and of its results.
 */
export class Scene implements CheckedPlace {
  readonly root: string;
  readonly options: ConfigurationOptions;

  constructor(root: string, options: SceneOptions) {
    this.root = root;
    const at = { path: join(root, 'wal'), archive: join(root, 'archive') };
    this.options = { source: 'orders', ...options, ...at };
  }

  get source(): string {
    return this.options.path;
  }

  get archive(): string {
    return this.options.archive;
  }

  get originals(): string {
    return join(this.root, 'originals');
  }

  get sourceFolder(): string {
    return join(this.archive, this.options.source);
  }

  /** Writes a configuration, by default the scene's own, and gives its path. */
  async configure(
    name = 'walq.toml',
    changes: Partial<ConfigurationOptions> = {},
  ): Promise<string> {
    const path = join(this.root, name);
    await writeFile(path, configurationText({ ...this.options, ...changes }));
    return path;
  }

  /** Writes a segment, and keeps a copy of it aside. */
  async write(name: string, content: Iterable<Uint8Array> | string): Promise<void> {
    await writeFile(join(this.originals, name), content);
    await copyFile(join(this.originals, name), join(this.source, name));
  }

  /** Writes segments `wal-<from>.bin` to `wal-<to>.bin`, inclusive, and gives their names. */
  async writeSegments(from: number, to: number, bytes: number): Promise<string[]> {
    const written = namesOf(from, to);
    for (const name of written) await this.write(name, segmentContent(name, bytes));
    return written;
  }

  /** Runs a command with the scene's configuration. */
  walq(...args: string[]): Promise<WalqResult> {
    return runWalq(args, { cwd: this.root });
  }

  /** Starts a role with the scene's configuration, and holds it to the bounds of a role. */
  async start(...args: string[]): Promise<RunningProcess> {
    return this.startWith({}, ...args);
  }

  /** As `start`, with variables in its environment. */
  async startWith(
    env: Readonly<Record<string, string | undefined>>,
    ...args: string[]
  ): Promise<RunningProcess> {
    return holdBounded(await startWalq(args, { cwd: this.root, env }));
  }

  /** @throws when the command does not succeed */
  async markFlushed(name: string): Promise<void> {
    const { code, stderr } = await this.walq('mark-flushed', this.options.source, name);
    if (code !== 0) throw new Error(`mark-flushed ended with ${code}: ${stderr}`);
  }

  /** Names of the segments at the source. */
  async sourceNames(): Promise<string[]> {
    return (await readdir(this.source)).filter((name) => name !== '.walq').toSorted();
  }

  /** Names of the segments in the archive. */
  async archived(): Promise<string[]> {
    return (await visibleObjects(this.sourceFolder)).map(({ path, segment }) => segment ?? path);
  }

  /** Temporary files in the archive: what is being written, and what killed workers left. */
  staged(): Promise<string[]> {
    return hiddenFiles(this.sourceFolder);
  }

  /** A temporary file that was not there before: a worker is in the middle of a segment. */
  async newlyStaged(before: readonly string[] = []): Promise<string> {
    return eventually(
      async () => {
        const found = (await this.staged()).find((name) => !before.includes(name));
        if (found === undefined) throw new Error('no segment is being archived');
        return found;
      },
      { everyMs: 2 },
    );
  }

  /** Waits until all of these are in the archive. */
  async untilArchived(names: readonly string[]): Promise<void> {
    const all = expect.arrayContaining([...names]);
    const attempt = async () => expect(await this.archived()).toEqual(all);
    await eventually(attempt);
  }

  /** Waits until exactly these are left at the source; longer than others where workers back off. */
  async untilLeft(names: readonly string[], options: EventuallyOptions = {}): Promise<void> {
    const attempt = async () => expect(await this.sourceNames()).toEqual(names);
    await eventually(attempt, options);
  }

  faultsAtAnyTime(): Promise<Faults> {
    return faultsAtAnyTime(this);
  }

  /** As of the checker: all but what was to be left had to be archived, and to go. */
  async faultsAtTheEnd({ left }: { left: readonly string[] }): Promise<Faults> {
    const all = await readdir(this.originals);
    return faultsAtTheEnd(this, { left, archived: all.filter((name) => !left.includes(name)) });
  }
}

export async function newScene(options: SceneOptions = {}): Promise<Scene> {
  const root = await temporaryDirectory('scene');
  const scene = new Scene(root.path, options);
  for (const folder of [scene.source, scene.archive, scene.originals]) await mkdir(folder);
  await scene.configure();
  return scene;
}

export const nameOf = (number: number): string => `wal-${String(number).padStart(6, '0')}.bin`;

export const namesOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => nameOf(from + index));
