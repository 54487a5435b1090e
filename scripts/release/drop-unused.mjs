import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What compiles the addon, and tools of packages that walq does not call. */
const unused = [
  'node_modules/.bin',
  'node_modules/.pnpm',
  'node_modules/.pnpm-workspace-state-v1.json',
  'node_modules/.modules.yaml',
  'node_modules/@types',
  'node_modules/zstd-napi/deps',
  'node_modules/zstd-napi/src',
  'node_modules/zstd-napi/build/Release/obj.target',
  'node_modules/zstd-napi/build/Release/.deps',
  'node_modules/zstd-napi/build/Makefile',
  'node_modules/zstd-napi/build/binding.Makefile',
  'node_modules/zstd-napi/build/binding.target.mk',
  'node_modules/zstd-napi/build/config.gypi',
  'node_modules/zstd-napi/build/gyp-mac-tool',
  'node_modules/zstd-napi/build/deps',
  'pnpm-lock.yaml',
];

const isForDevelopers = (file) => /\.(d\.[cm]?ts|map|tsbuildinfo)$/.test(file);

/** The one file of the chart library that is loaded holds the engine below it, too. */
const keptOfCharts = ['dist', 'package.json', 'LICENSE', 'NOTICE', 'licenses'];
const keptOfChartsEngine = ['package.json', 'LICENSE'];
const keptOfChartsDist = ['echarts.common.min.js', 'package.json'];

async function dropUnusedCharts(modules) {
  await dropOthers(join(modules, 'echarts'), keptOfCharts);
  await dropOthers(join(modules, 'echarts/dist'), keptOfChartsDist);
  await dropOthers(join(modules, 'zrender'), keptOfChartsEngine);
}

async function dropOthers(folder, kept) {
  for (const name of await readdir(folder)) {
    if (!kept.includes(name)) await rm(join(folder, name), { recursive: true });
  }
}

/** Only what runs: declarations and source maps are for those who build. */
export async function dropUnused(tree) {
  for (const path of unused) await rm(join(tree, path), { recursive: true, force: true });
  await dropUnusedCharts(join(tree, 'node_modules'));
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const isUnused = entry.isSymbolicLink() || (entry.isFile() && isForDevelopers(entry.name));
    if (isUnused) await rm(join(entry.parentPath, entry.name));
  }
}
