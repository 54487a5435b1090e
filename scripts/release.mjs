/**
 * Makes what is given away, in `release/`: the tarball that runs on a host with Node alone, the packages that
 * engines embed, and the checksums of both. Sets nothing up: `npm run release` does.
 */
import { mkdir, rm } from 'node:fs/promises';
import { inProject, readPackageJson } from './project.mjs';
import { addManual } from './release/add-manual.mjs';
import { addPapers } from './release/add-papers.mjs';
import { bundleCommand } from './release/bundle-command.mjs';
import { deployTree } from './release/deploy-tree.mjs';
import { dropUnused } from './release/drop-unused.mjs';
import { packPackages } from './release/pack-packages.mjs';
import { packTree } from './release/pack-tree.mjs';
import { writeChecksums } from './release/write-checksums.mjs';

const { version } = readPackageJson();
const out = inProject('release');
const name = `walq-${version}`;

await rm(out, { recursive: true, force: true });
await mkdir(out);
const tree = await deployTree(name);
await bundleCommand(tree);
await dropUnused(tree);
await addPapers(tree);
await addManual(tree);
await packTree(tree, `${out}/${name}-linux-x64.tar.gz`);
await packPackages(out);
for (const line of await writeChecksums(out)) console.log(line);
