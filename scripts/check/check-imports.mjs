import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { inProject } from '../project.mjs';
import { runTool } from './run-tool.mjs';

/**
 * Runs dependency-cruiser. It passes when it understood no module at all (so it
 * does with a TypeScript that it does not know), therefore what it saw is counted.
 */
export async function checkImports() {
  const folders = await foldersWithModules();
  const { stdout, output } = runTool('depcruise', ['--output-type', 'json', ...folders]);
  const summary = parse(stdout)?.summary;
  if (summary === undefined) return { ok: false, output };
  const unseen = folders.filter((folder) => !sees(parse(stdout).modules, folder));
  const complaints = [
    ...summary.violations.map(describe),
    ...unseen.map((folder) => `saw no module with imports in ${folder}`),
  ];
  if (summary.totalDependenciesCruised === 0) complaints.push('saw no imports at all');
  return { ok: complaints.length === 0, output: complaints.join('\n') };
}

async function foldersWithModules() {
  const groups = await Promise.all(['packages', 'apps'].map(sourcesIn));
  const folders = [...groups.flat(), 'test', 'bench'];
  const holding = await Promise.all(folders.map(holdsModules));
  return folders.filter((_, at) => holding[at]);
}

async function sourcesIn(group) {
  const names = await readdir(inProject(group));
  return names.flatMap((name) => [`${group}/${name}/src`, `${group}/${name}/test`]);
}

async function holdsModules(folder) {
  if (!existsSync(inProject(folder))) return false;
  const files = await readdir(inProject(folder), { recursive: true });
  return files.some((file) => file.endsWith('.ts') && !file.includes('node_modules'));
}

function sees(modules, folder) {
  return modules.some(({ source }) => source.startsWith(`${folder}/`));
}

function describe({ rule, from, to, cycle }) {
  const way = cycle ? [from, ...cycle.map(({ name }) => name)].join(' -> ') : `${from} -> ${to}`;
  return `${rule.name}: ${way}`;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
