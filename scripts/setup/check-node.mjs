import { SetupError } from './setup-error.mjs';

const OLDEST = [20, 19];

/** @throws SetupError when this Node is older than the project supports */
export async function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new SetupError(
      `Node ${process.versions.node} is too old`,
      `install Node ${OLDEST.join('.')} or newer (docs/support.md lists what is tested)`,
    );
  }
  return process.versions.node;
}
