import { readFile } from 'node:fs/promises';
import { inProject } from '../project.mjs';

const MODEL = 'SECURITY.md';
/** A link to the file, with the test's name as the link's title. */
const NAMED = /\[test\]\((?<file>\S+) "(?<name>[^"]+)"\)/g;

/** Every "cannot" of the threat model names a test, and every test that it names is there. */
export async function checkThreatModel() {
  const text = (await readFile(inProject(MODEL), 'utf8')).replaceAll(/\s*\n\s+/g, ' ');
  const claims = text.split('\n').filter((line) => line.startsWith('- cannot '));
  const named = [...text.matchAll(NAMED)].map(({ groups }) => groups);
  const complaints = [
    ...claims.filter((line) => line.match(NAMED) === null).map((line) => `no test shows: ${line}`),
    ...(await Promise.all(named.map(complaintOf))).filter(Boolean),
  ];
  if (claims.length === 0) complaints.push(`${MODEL} claims nothing`);
  return { ok: complaints.length === 0, output: complaints.join('\n') };
}

async function complaintOf({ file, name }) {
  const text = await readFile(inProject(file), 'utf8').catch(missing);
  if (text === undefined) return `${MODEL} names ${file}, which does not exist`;
  const quoted = [`'${name}'`, `"${name}"`, `\`${name}\``];
  return quoted.some((test) => text.includes(test)) ? '' : `${file} has no test '${name}'`;
}

function missing(error) {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
