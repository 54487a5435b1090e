/** The directory of an engine that runs, archived with nothing else being said, and what came of it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@walq/test-support';
import { runWalq } from '../scene/index.ts';

export class ArchivedDirectory {
  readonly root: string;
  readonly directory: string;

  constructor(root: string, directory: string) {
    this.root = root;
    this.directory = directory;
  }

  /** Archives what is sealed now; gives the names of what is in the archive then, in order. */
  async archive(): Promise<string[]> {
    await this.#walq('archive', this.directory, '--to', 'archive', '--source', 'wal');
    const listed = await this.#walq('list', 'wal', '--archive', 'archive', '--json');
    return (listed.json() as { segment: string }[]).map(({ segment }) => segment);
  }

  /**
   * Names of segments whose objects do not hold what their files hold now, after the engine has gone on: those
   * that were archived while they were open.
   */
  async changedSince(): Promise<string[]> {
    const folder = join(this.root, 'restored');
    await this.#walq('restore', 'wal', '--archive', 'archive', '--to', folder);
    const changed: string[] = [];
    for (const name of await readdir(folder)) {
      const [now, archived] = await Promise.all(
        [this.directory, folder].map((where) => readFile(join(where, name), 'latin1')),
      );
      if (now !== archived) changed.push(name);
    }
    return changed;
  }

  /** @throws when the command does not succeed, or has something to say */
  async #walq(...args: string[]) {
    const result = await runWalq(args, { cwd: this.root });
    if (result.code === 0 && result.stderr === '') return result;
    throw new Error(`walq ${args.join(' ')} ended with ${result.code}: ${result.stderr}`);
  }
}

export async function newRoot(): Promise<string> {
  return (await temporaryDirectory('engine')).path;
}
