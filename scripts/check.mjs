/**
 * Checks the code without running it: every check runs, also after one failed,
 * and any that fails makes the whole fail.
 */
import { checkArchitecture } from './check/check-architecture.mjs';
import { checkDocs } from './check/check-docs.mjs';
import { checkImports } from './check/check-imports.mjs';
import { checkInstallScripts } from './check/check-install-scripts.mjs';
import { checkLicences } from './check/check-licences.mjs';
import { checkThreatModel } from './check/check-threat-model.mjs';
import { checkTidiness } from './check/check-tidiness.mjs';
import { runTool } from './check/run-tool.mjs';

const checks = [
  { name: 'format', run: () => runTool('oxfmt', ['--check']) },
  { name: 'lint', run: () => runTool('oxlint', ['--type-aware']) },
  { name: 'types', run: () => runTool('tsc', ['-b']) },
  { name: 'import direction', run: checkImports },
  { name: 'architecture', run: checkArchitecture },
  { name: 'dead code', run: () => runTool('knip', ['--no-config-hints']) },
  { name: 'tidiness', run: checkTidiness },
  { name: 'docs', run: checkDocs },
  { name: 'errors page', run: () => runTool('node', ['scripts/write-errors.mjs', '--check']) },
  { name: 'licences', run: checkLicences },
  { name: 'install scripts', run: checkInstallScripts },
  { name: 'threat model', run: checkThreatModel },
];

const failed = [];
for (const { name, run } of checks) {
  const { ok, output } = await run();
  console.log(`check  ${name.padEnd(17)} ${ok ? 'ok' : 'FAILED'}`);
  if (ok) continue;
  failed.push(name);
  console.log(output.trimEnd());
}
console.log(failed.length === 0 ? 'check  all ok' : `check  failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
