import { runTool } from './run-tool.mjs';

/** Licences that ask no more of who passes walq on than to keep their text. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
]);

/** Of tools that only build and test; nothing of theirs is passed on. */
const ALLOWED_FOR_TOOLS = new Set([...ALLOWED, 'CC-BY-4.0', 'MPL-2.0']);

/** Every package that is installed has a licence that is on the list of its use. */
export function checkLicences() {
  const shipped = complaintsOf(['--prod'], ALLOWED);
  const tools = complaintsOf(['--dev'], ALLOWED_FOR_TOOLS);
  const complaints = [...shipped, ...tools];
  return { ok: complaints.length === 0, output: complaints.join('\n') };
}

function complaintsOf(kind, allowed) {
  const listed = runTool('pnpm', ['licenses', 'list', '--recursive', '--json', ...kind]);
  if (!listed.ok) return [`unable to list the licences: ${listed.output}`];
  const found = Object.entries(JSON.parse(listed.stdout));
  if (found.length === 0) return [`no package was found with ${kind.join(' ')}`];
  const refused = found.filter(([licence]) => !isAllowed(licence, allowed));
  return refused.flatMap(([licence, packages]) =>
    packages.map(({ name }) => `${name} is under ${licence}, which is not on the list`),
  );
}

/** Of a choice, such as `(MIT OR GPL-3.0)`, one that is allowed is enough. */
function isAllowed(licence, allowed) {
  const choices = licence.replaceAll(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((one) => allowed.has(one)));
}
