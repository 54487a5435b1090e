import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { inProject } from '../project.mjs';
import { runTool } from './run-tool.mjs';

const VAGUE = /^(utils?|helpers?|common|manager|service|data|info|handler|misc)\b/;
const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
// Written so that this file does not match itself.
const REGISTRY_HOST = new RegExp(['registry[.]npmjs', 'npmjs[.]org', 'tarball: *http'].join('|'));

const UPGRADING = 'UPGRADING.md';

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
  const findWords = replacedWords(await readFile(inProject(UPGRADING), 'utf8'));
  const complaints = await Promise.all(files.map((file) => complaintsOf(file, findWords)));
  const output = complaints.flat().join('\n');
  return { ok: files.length > 0 && output === '', output };
}

async function complaintsOf(file, findWords) {
  const text = await readFile(inProject(file), 'utf8').catch(missing);
  if (text === undefined) return [];
  const found = rules.map(([applies, find]) => applies(file) && find(file, text));
  const words = hasOwnWords(file) ? findWords(`${file}\n${text}`) : [];
  return [...found.filter(Boolean), ...words].map((complaint) => `${file} ${complaint}`);
}

/** Finds the words that UPGRADING.md lists as replaced, in prose and as a part of a name. */
function replacedWords(page) {
  const [, table = ''] = page.split('## Replaced words');
  const cells = [...table.matchAll(/^\|([^|]*`[^|]*)\|/gm)].map(([, cell]) => cell);
  const words = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word));
  if (words.length < 20) throw new Error(`${UPGRADING} lists no replaced words`);
  const any = words.map((word) => word.replaceAll(' ', '\\s+')).join('|');
  const pattern = new RegExp(`(?<![a-z])(?:${any})(?![a-z])`, 'g');
  return (text) => {
    // A name counts as its words: openLog is "open log".
    const split = text.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();
    return [...new Set(split.match(pattern))].map((word) => `has the replaced word '${word}'`);
  };
}

/** Not a file with the words of others, nor the page of the replaced words itself. */
function hasOwnWords(file) {
  return (
    ![UPGRADING, 'LICENSE', 'pnpm-lock.yaml'].includes(file) && !file.startsWith('deploy/systemd/')
  );
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
