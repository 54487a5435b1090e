import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { inProject } from '../project.mjs';

/** Says what an installation was made from: it changes when another one is needed. */
export async function installStamp() {
  const stamp = createHash('sha256');
  const { platform, arch, versions } = process;
  stamp.update(`${platform} ${arch} ${versions.modules}`);
  for (const file of await filesOfInstallation()) {
    stamp.update(`\0${file}\0`).update(await readFile(inProject(file)));
  }
  return stamp.digest('hex');
}

async function filesOfInstallation() {
  const packages = [...(await packagesIn('apps')), ...(await packagesIn('packages'))];
  const folders = ['.', 'bench', 'test', 'test/support', ...packages];
  const manifests = folders.map((folder) => `${folder}/package.json`);
  const found = manifests.filter((file) => existsSync(inProject(file)));
  return ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...found];
}

async function packagesIn(folder) {
  const names = await readdir(inProject(folder));
  return names.toSorted().map((name) => `${folder}/${name}`);
}
