import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { inCache } from '../project.mjs';
import { aptPrivately } from './apt-privately.mjs';
import { outputOf } from './output-of.mjs';
import { runLogged } from './run-logged.mjs';
import { SetupError } from './setup-error.mjs';

const WAYS =
  'install redis-server or valkey-server so that it is on the PATH, or name a running server: ' +
  'redis.url in walq.toml, or WALQ_REDIS__URL';

/**
 * Unpacks Debian's redis-server under `.cache/redis`: no root, nothing installed.
 * redis-tools is asked for by name because it holds the executable itself, and
 * would be left out where it is installed already.
 */
export async function getPrivateRedis() {
  if (outputOf('apt-get', ['--version']) === undefined) {
    throw new SetupError('there is no redis-server on the PATH, and no apt-get to get one', WAYS);
  }
  const folder = inCache(`redis.new-${process.pid}`);
  try {
    await unpackInto(folder);
    await rm(inCache('redis'), { recursive: true, force: true });
    await rename(folder, inCache('redis'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function unpackInto(folder) {
  const archives = await aptPrivately(folder, ['redis-server', 'redis-tools'], WAYS);
  await mkdir(`${folder}/root`, { recursive: true });
  for (const archive of archives) {
    const args = ['-x', archive, `${folder}/root`];
    await runLogged({ log: 'redis-unpack', command: 'dpkg', args, hint: WAYS });
  }
  await rm(`${folder}/apt`, { recursive: true, force: true });
  await writeStarter(folder);
}

/** The command itself: it makes the unpacked libraries known and runs the server. */
async function writeStarter(folder) {
  const starter = `${folder}/bin/redis-server`;
  const libraries = await libraryFolders(`${folder}/root`);
  await mkdir(`${folder}/bin`);
  await writeFile(starter, starterText(libraries));
  await chmod(starter, 0o755);
  if (outputOf(starter, ['--version']) === undefined) {
    throw new SetupError('the redis-server from the packages does not start', WAYS);
  }
}

function starterText(libraries) {
  const paths = libraries.map((path) => `$root/${path}`).join(':');
  return `#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
export LD_LIBRARY_PATH="${paths}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$root/usr/bin/redis-server" "$@"
`;
}

/** The folders below `root` with libraries in them, named after the architecture. */
async function libraryFolders(root) {
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  const libraries = files.filter(({ name }) => /\.so(\.|$)/.test(name));
  const folders = libraries.map(({ parentPath, path }) =>
    (parentPath ?? path).slice(root.length + 1),
  );
  return [...new Set(['usr/lib', ...folders])];
}
