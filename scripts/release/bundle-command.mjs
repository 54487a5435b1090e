import { rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';

/** ES modules of other authors that most commands load. CommonJS packages stay outside, with all that has native code. */
const inlined = ['zod', 'valibot', 'lru-cache', 'smol-toml', 'string-width'];

const isOutside = (name) =>
  !/^[./]/.test(name) && !name.startsWith('@walq/') && !inlined.includes(name);

/**
 * Joins the files of the command into few, because Node takes half a millisecond for each: one that all commands share, and
 * those that only some need. Threads and what is started as a process keep their files.
 */
export async function bundleCommand(tree) {
  const dist = join(tree, 'dist');
  const joined = join(tree, 'joined');
  const bundle = await rolldown({
    cwd: tree,
    input: join(dist, 'main.js'),
    platform: 'node',
    external: isOutside,
    plugins: [
      { name: 'places', transform: (code, file) => atItsPlace(code, relative(dist, file)) },
    ],
  });
  await bundle.write({
    dir: joined,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  await bundle.close();
  await rm(dist, { recursive: true });
  await rename(joined, dist);
}

/** A module finds files and packages from where it was. */
function atItsPlace(code, path) {
  if (!code.includes('import.meta.url')) return undefined;
  const place = `new URL(${JSON.stringify(path)}, import.meta.url).href`;
  return code.replaceAll('import.meta.url', place);
}
