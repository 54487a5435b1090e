import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterThisTest } from './this-test.ts';

/** A directory that is there for one test or one suite. */
export interface TemporaryDirectory {
  readonly path: string;
  /** The path of something below the directory. */
  at(...names: string[]): string;
  /** Removes the directory and all in it; again is no error. */
  remove(): Promise<void>;
}

/**
 * Makes an empty directory below the run's root, to which the leak guard points
 * TMPDIR, and which must be empty when the run ends.
 * Within a test it is removed when the test ends; after `beforeAll` call
 * `remove()` in `afterAll`.
 */
export async function temporaryDirectory(label = 'test'): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), `${label}-`));
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  afterThisTest(remove);
  return { path, at: (...names) => join(path, ...names), remove };
}
