/** Roles that modes of files bind, as they bind everybody but root, who reads and writes whatever they say. */
import { startProcess, type RunningProcess } from '@walq/test-support';
import { holdBounded, walqBin, type Scene } from '../scene/index.ts';

/** Only root has the right to give away; elsewhere these tests are left out. */
export const mayGiveRightsUp = process.getuid?.() === 0;

const WITHOUT = '--bounding-set=-dac_override,-dac_read_search';

/** Starts a role of a scene as root without the right to override modes: its files stay its own. */
export async function startBoundByModes(scene: Scene, ...args: string[]): Promise<RunningProcess> {
  const own = { HOME: scene.root, XDG_CACHE_HOME: undefined, XDG_STATE_HOME: undefined };
  const at = { cwd: scene.root, env: own };
  const command = [WITHOUT, process.execPath, walqBin, ...args];
  return holdBounded(await startProcess('setpriv', command, at));
}
