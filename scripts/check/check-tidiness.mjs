import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { inProject } from '../project.mjs';
import { runTool } from './run-tool.mjs';

const VAGUE = /^(utils?|helpers?|common|manager|service|data|info|handler|misc)\b/;
const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
// Written so that this file does not match itself.
const REGISTRY_HOST = new RegExp(['registry[.]npmjs', 'npmjs[.]org', 'tarball: *http'].join('|'));

const rules = [
  [isCode, (file) => VAGUE.test(basename(file)) && 'has a name that says nothing'],
  [isCode, (file) => !KEBAB.test(basename(file)) && 'is not named in kebab-case'],
  [isText, (_, text) => REGISTRY_HOST.test(text) && "names a package registry's host"],
  [isCode, (_, text) => /\b(TODO|FIXME|XXX)\b/.test(text) && 'holds a note of unfinished work'],
];

/** What no other tool checks: names, words, and hosts in tracked files. */
export async function checkTidiness() {
  const listed = runTool('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z']);
  if (!listed.ok) return listed;
  const files = listed.stdout.split('\0').filter(isText);
  const complaints = (await Promise.all(files.map(complaintsOf))).flat();
  return { ok: files.length > 0 && complaints.length === 0, output: complaints.join('\n') };
}

async function complaintsOf(file) {
  const text = await readFile(inProject(file), 'utf8').catch(missing);
  if (text === undefined) return [];
  const found = rules.map(([applies, find]) => applies(file) && find(file, text));
  return found.filter(Boolean).map((complaint) => `${file} ${complaint}`);
}

function isCode(file) {
  return /\.(m?js|ts)$/.test(file) && file !== 'scripts/check/check-tidiness.mjs';
}

function isText(file) {
  return file !== '' && !/\.(png|svg|gif|zst|bin)$/.test(file);
}

/** A file that git still lists and that has just been removed. */
function missing(error) {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
