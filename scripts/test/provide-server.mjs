import { spawnSync } from 'node:child_process';
import { outputOf } from '../setup/output-of.mjs';
import { servers } from './servers.mjs';

/**
 * Sees that a server's programs are there; as root on Debian it installs them.
 * Returns what is missing and how to get it, or undefined when all is there.
 */
export function provideServer(name) {
  const { packages, isThere } = servers[name];
  if (isThere()) return undefined;
  if (canInstall() && install(packages) && isThere()) return undefined;
  return `${name} is missing: apt-get install --no-install-recommends ${packages.join(' ')}`;
}

function canInstall() {
  return process.getuid?.() === 0 && outputOf('apt-get', ['--version']) !== undefined;
}

function install(packages) {
  const options = ['install', '--yes', '--no-install-recommends'];
  return apt(['update']) && apt([...options, ...packages]);
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('apt-get', args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  return status === 0;
}
