import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';

/** ES modules of other authors that most commands load. CommonJS packages stay outside, with all that has native code. */
const inlined = ['zod', 'valibot', 'lru-cache', 'smol-toml', 'string-width'];

const isOutside = (name) =>
  !/^[./]/.test(name) && !name.startsWith('@walq/') && !inlined.includes(name);

/** What a worker runs in each of its threads. */
const threads = ['pipeline/archive-thread.js', 'threads/thread.js'];

/**
 * Joins the files of the command into few, because Node takes half a millisecond for each: one that all commands share,
 * those that only some need, and one for each kind of thread. Other programs keep their files.
 */
export async function bundleCommand(tree) {
  const dist = join(tree, 'dist');
  const joined = await joinFiles(join(dist, 'main.js'), join(tree, 'joined'));
  await rm(dist, { recursive: true });
  await rename(joined, dist);
  for (const path of threads) {
    const thread = join(tree, 'node_modules/@walq/wal-core/dist', path);
    const folder = await joinFiles(thread, `${thread}.joined`);
    await rename(join(folder, basename(thread)), thread);
    await rm(folder, { recursive: true });
  }
}

/** Writes a module, with all that it imports, to a new folder next to its own. */
async function joinFiles(entry, folder) {
  const place = (file) => relative(dirname(entry), file);
  const bundle = await rolldown({
    cwd: dirname(entry),
    input: entry,
    platform: 'node',
    external: isOutside,
    plugins: [{ name: 'places', transform: (code, file) => atItsPlace(code, place(file)) }],
  });
  await bundle.write({
    dir: folder,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  await bundle.close();
  return folder;
}

/** A module finds files and packages from where it was. */
function atItsPlace(code, path) {
  if (!code.includes('import.meta.url')) return undefined;
  const place = `new URL(${JSON.stringify(path)}, import.meta.url).href`;
  return code.replaceAll('import.meta.url', place);
}
