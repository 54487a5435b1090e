import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const dist = resolve(import.meta.dirname, '../../dist');

/** What a built file imports, statically or dynamically, and what it requires. */
const importOf = /(?:\bfrom\s+|^import\s+|\bimport\()['"](?<name>[^'"]+)['"]/gm;
const requireOf = /\brequire\(['"](?<name>[^'"]+)['"]/gm;

const namesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(({ groups }) => groups?.['name'] ?? '');

/** Every package and module of Node's that is reached from a file, through files of wal-core. */
async function reachedFrom(entry: string) {
  const files = new Set([entry]);
  const imported = new Set<string>();
  const required = new Set<string>();
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    for (const name of namesIn(text, requireOf)) required.add(name);
    for (const name of namesIn(text, importOf)) {
      if (name.startsWith('.')) files.add(resolve(file, '..', name));
      else imported.add(name);
    }
  }
  return { files, imported, required };
}

const natives = ['@node-rs/crc32', '@node-rs/xxhash', 'zstd-napi/binding.js'];

/** Each package that is imported costs every thread memory; importing one in CommonJS costs more than the package. */
test.each([
  { entry: 'threads/thread.js', needs: 'codec/compress-segment.js', packages: ['valibot'] },
  {
    entry: 'pipeline/archive-thread.js',
    needs: 'pipeline/archive-batch.js',
    // RE2 is loaded only for an archive whose pattern needs it.
    packages: ['lru-cache', 're2js', 'valibot'],
  },
])('$entry loads what it needs, and no package that costs memory', async (thread) => {
  const { files, imported, required } = await reachedFrom(resolve(dist, thread.entry));
  expect([...files]).toContain(resolve(dist, thread.needs));
  const isBuiltin = (name: string) => name.startsWith('node:') || builtinModules.includes(name);
  expect([...required].toSorted()).toEqual(natives);
  expect([...imported].filter((name) => !isBuiltin(name)).toSorted()).toEqual(thread.packages);
  const network = ['net', 'tls', 'http', 'https', 'http2', 'dns', 'dgram'];
  expect(network.filter((name) => imported.has(name) || imported.has(`node:${name}`))).toEqual([]);
});

// PostgreSQL waits for each file that is loaded.
test('reading an archive loads nothing that archives', async () => {
  const { files } = await reachedFrom(resolve(dist, 'light.js'));
  expect([...files]).toContain(resolve(dist, 'entrypoints/fetch/fetch-ahead.js'));
  const folders = ['log', 'maintenance', 'entrypoints/push'].map((name) => resolve(dist, name));
  const never = ['internal', 'pipeline/archiver', 'codec/compress-segment'].map((name) =>
    resolve(dist, `${name}.js`),
  );
  const isHeavy = (file: string) =>
    never.includes(file) || folders.some((folder) => file.startsWith(`${folder}/`));
  expect([...files].filter(isHeavy)).toEqual([]);
});

// Importing a CommonJS package starts a parser in each thread, which costs more memory than the package.
test('valibot is one file, and no CommonJS', async () => {
  const file = fileURLToPath(import.meta.resolve('valibot'));
  expect(file).toMatch(/\.mjs$/);
  const { files, imported, required } = await reachedFrom(file);
  expect([[...files], [...imported], [...required]]).toEqual([[file], [], []]);
});
