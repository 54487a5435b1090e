/**
 * Judges the code without running it: every check runs, also after one failed,
 * and any that fails makes the whole fail.
 */
import { checkImports } from './check/check-imports.mjs';
import { checkTidiness } from './check/check-tidiness.mjs';
import { runTool } from './check/run-tool.mjs';

const checks = [
  ['format', () => runTool('oxfmt', ['--check'])],
  ['lint', () => runTool('oxlint', ['--type-aware'])],
  ['types', () => runTool('tsc', ['-b'])],
  ['import direction', checkImports],
  ['dead code', () => runTool('knip', ['--no-config-hints'])],
  ['tidiness', checkTidiness],
];

const failed = [];
for (const [name, check] of checks) {
  const { ok, output } = await check();
  console.log(`check  ${name.padEnd(17)} ${ok ? 'ok' : 'FAILED'}`);
  if (ok) continue;
  failed.push(name);
  console.log(output.trimEnd());
}
console.log(failed.length === 0 ? 'check  all ok' : `check  failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
