/** A project outside this repository, with walq's packages as published. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './blocks.ts';

const run = promisify(execFile);
const packages = ['packages/wal-core', 'packages/config', 'packages/archive-queue'];
const compilerOptions = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  noUnusedLocals: false,
  skipLibCheck: false,
  types: ['node'],
};

/** Compiles each text as its own module, and returns the paths of the built files. */
export async function compileOutside(
  path: string,
  texts: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  for (const folder of packages) await install(path, folder);
  await link(path, 'packages/archive-queue', 'pino');
  await link(path, '.', '@types/node');
  await writeFile(join(path, 'package.json'), '{"type":"module"}');
  await writeFile(join(path, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  for (const [name, text] of Object.entries(texts)) await writeFile(join(path, `${name}.ts`), text);
  await run(join(root, 'node_modules/.bin/tsc'), ['--project', path]).catch(
    (error: { readonly stdout: string }) => {
      throw new Error(error.stdout);
    },
  );
  return Object.keys(texts).map((name) => join(path, `${name}.js`));
}

/** Installs what `npm pack` packs, with the dependencies of the lock file. */
async function install(path: string, folder: string): Promise<void> {
  const from = join(root, folder);
  const packed = join(path, 'packed', folder);
  await mkdir(packed, { recursive: true });
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', packed], { cwd: from });
  const [tarball = ''] = await readdir(packed);
  const { name, dependencies } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const place = join(path, 'node_modules', name);
  await mkdir(place, { recursive: true });
  const args = ['--extract', '--strip-components=1', '--directory', place];
  await run('tar', [...args, '--file', join(packed, tarball)]);
  const foreign = Object.keys(dependencies).filter((one) => !one.startsWith('@walq/'));
  for (const dependency of foreign) await link(place, folder, dependency);
}

async function link(path: string, folder: string, dependency: string): Promise<void> {
  const place = join(path, 'node_modules', dependency);
  await mkdir(dirname(place), { recursive: true });
  await symlink(await realpath(join(root, folder, 'node_modules', dependency)), place);
}
