import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../check/run-tool.mjs';
import { inProject } from '../project.mjs';
import { SetupError } from './setup-error.mjs';

const dashboard = inProject('apps/dashboard');
const page = join(dashboard, 'dist/page/index.html');
// Of what is outside its folder, the page takes types alone.
const pageSources = [join(dashboard, 'page'), inProject('pnpm-lock.yaml')];

/** Builds what changed: every package with the TypeScript compiler, the dashboard's page with vite. */
export async function buildPackages() {
  const emitted = build('tsc', ['-b', 'tsconfig.build.json', '--listEmittedFiles']);
  const isPageOld = !existsSync(page) || pageSources.some(isNewerThanPage);
  if (isPageOld)
    build(join(dashboard, 'node_modules/.bin/vite'), ['build', join(dashboard, 'page')]);
  return emitted.includes('TSFILE:') || isPageOld ? 'built' : 'up to date';
}

/** What the command printed. @throws SetupError with all of it when it fails */
function build(command, args) {
  const { ok, stdout, output } = runTool(command, args);
  if (ok) return stdout;
  throw new SetupError(output, "fix the errors above, then run 'npm run build' again");
}

/** Folders too: theirs is the time at which something was added to them or removed. */
function isNewerThanPage(path) {
  const stat = statSync(path);
  if (stat.mtimeMs > statSync(page).mtimeMs) return true;
  return stat.isDirectory() && readdirSync(path).some((name) => isNewerThanPage(join(path, name)));
}
