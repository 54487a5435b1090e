/** Roles as a user without rights: root reads and writes whatever the modes say. */
import { chmod, chown, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess, type RunningProcess } from '@walq/test-support';
import { holdBounded, walqBin, type Scene } from '../scene/index.ts';

/** Only root can be somebody else; elsewhere such tests are left out. */
export const mayBeOther = process.getuid?.() === 0;

/** "nobody" on most systems; any that is not root will do. */
const UID = 65_534;

/** Gives scenes with all in them to that user, who also gets through to them. */
export async function giveToOther(...scenes: readonly Scene[]): Promise<void> {
  await chmod(tmpdir(), 0o711);
  for (const { root } of scenes) {
    const names = await readdir(root, { recursive: true });
    for (const path of [root, ...names.map((name) => join(root, name))]) {
      await chown(path, UID, UID);
    }
  }
}

/** Starts a role of a scene as that user. */
export async function startAsOther(scene: Scene, ...args: string[]): Promise<RunningProcess> {
  const drop = [`--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', process.execPath];
  const own = { HOME: scene.root, XDG_CACHE_HOME: undefined, XDG_STATE_HOME: undefined };
  const at = { cwd: scene.root, env: own };
  return holdBounded(await startProcess('setpriv', [...drop, walqBin, ...args], at));
}
