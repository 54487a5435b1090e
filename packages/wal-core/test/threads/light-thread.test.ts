import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const dist = resolve(import.meta.dirname, '../../dist');

/** What a built file imports, statically or dynamically. */
const importOf = /(?:\bfrom\s+|^import\s+|\bimport\()['"](?<name>[^'"]+)['"]/gm;

/** Every package and module of Node's that is reached from a file, through files of wal-core. */
async function reachedFrom(entry: string): Promise<{ files: Set<string>; modules: Set<string> }> {
  const files = new Set([entry]);
  const modules = new Set<string>();
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    for (const { groups } of text.matchAll(importOf)) {
      const name = groups?.['name'] ?? '';
      if (name.startsWith('.')) files.add(resolve(file, '..', name));
      else modules.add(name);
    }
  }
  return { files, modules };
}

test('a thread loads the codec, and no other module that costs memory', async () => {
  const { files, modules } = await reachedFrom(resolve(dist, 'threads/thread.js'));
  expect([...files]).toContain(resolve(dist, 'codec/compress-segment.js'));
  const isBuiltin = (name: string) => name.startsWith('node:') || builtinModules.includes(name);
  const packages = [...modules].filter((name) => !isBuiltin(name));
  expect(packages.toSorted()).toEqual([
    '@node-rs/crc32',
    '@node-rs/xxhash',
    'zstd-napi/binding.js',
  ]);
  const network = ['net', 'tls', 'http', 'https', 'http2', 'dns', 'dgram'];
  expect(network.filter((name) => modules.has(name) || modules.has(`node:${name}`))).toEqual([]);
});
