/**
 * Places `node_modules/.bin/walq`. The root cannot get it by depending on the
 * workspace package: npm would stop at "workspace:*" before it says what to run.
 */
import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { inProject } from './project.mjs';

const link = inProject('node_modules/.bin/walq');
const target = '../../apps/cli/bin/walq';

export async function linkWalq() {
  if (currentTarget() === target) return 'node_modules/.bin/walq';
  mkdirSync(inProject('node_modules/.bin'), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(target, link);
  return 'node_modules/.bin/walq';
}

function currentTarget() {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

if (process.argv[1] === inProject('scripts/link-walq.mjs')) await linkWalq();
