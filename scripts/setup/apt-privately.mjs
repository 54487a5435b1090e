import { mkdir, readdir } from 'node:fs/promises';
import { runLogged } from './run-logged.mjs';

/**
 * Downloads packages, and those of their dependencies that the system lacks, with
 * all of apt's state under `folder`; returns the paths of the .deb files.
 * The system's own state is only read, so this needs no root.
 */
export async function aptPrivately(folder, packages, hint) {
  const apt = `${folder}/apt`;
  await mkdir(`${apt}/state/lists/partial`, { recursive: true });
  await mkdir(`${apt}/cache/archives/partial`, { recursive: true });
  const run = (log, args) =>
    runLogged({ log, command: 'apt-get', args: [...privateState(apt), ...args], hint });
  await run('redis-update', ['update']);
  const install = ['install', '--yes', '--reinstall', '--download-only'];
  await run('redis-download', [...install, '--no-install-recommends', ...packages]);
  const names = await readdir(`${apt}/cache/archives`);
  return names
    .filter((name) => name.endsWith('.deb'))
    .map((name) => `${apt}/cache/archives/${name}`);
}

function privateState(apt) {
  const settings = [
    `Dir::State=${apt}/state`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${apt}/cache`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=',
  ];
  return settings.flatMap((setting) => ['-o', setting]);
}
