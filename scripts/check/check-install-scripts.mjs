import { readFile } from 'node:fs/promises';
import { inProject } from '../project.mjs';

/** zstd is compiled where walq is installed. msgpackr does without its addon. */
const EXPECTED = { 'zstd-napi': 'true', 'msgpackr-extract': 'false' };

/** Only these packages may run a script when they are installed; another has to be added here too. */
export async function checkInstallScripts() {
  const text = await readFile(inProject('pnpm-workspace.yaml'), 'utf8');
  const [, block = ''] = /^allowBuilds:\n((?:[ \t].*\n|#.*\n)*)/m.exec(text) ?? [];
  const found = [...block.matchAll(/^\s+['"]?([^\s'":]+)['"]?:\s*(\S+)$/gm)];
  const odd = found.filter(([, name, value]) => EXPECTED[name] !== value);
  const complaints = odd.map(([, name, value]) => `unexpected in allowBuilds: ${name}: ${value}`);
  if (found.length === 0) complaints.push('pnpm-workspace.yaml has no allowBuilds');
  for (const key of ['dangerouslyAllowAllBuilds', 'onlyBuiltDependencies']) {
    if (text.includes(key)) complaints.push(`pnpm-workspace.yaml has ${key}`);
  }
  return { ok: complaints.length === 0, output: complaints.join('\n') };
}
