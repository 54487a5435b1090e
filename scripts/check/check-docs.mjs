import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path/posix';
import { inProject } from '../project.mjs';
import { runTool } from './run-tool.mjs';

const DECISION = /^docs\/decisions\/\d{4}-[a-z0-9-]+\.md$/;
const DECISION_INDEX = 'docs/decisions/README.md';
const STATUS = /^Status: (?:accepted|superseded by \[\d{4}\]\(\S+\)) · \d{4}-\d{2}-\d{2}$/m;
/** Files whose strings and comments name pages: `docs/errors.md#store-full`, `/opt/walq/docs/deploy.md`. */
const NAMES_PAGES = /^(?:(?:packages|apps)\/[^/]+\/(?:src|bin)\/|deploy\/)/;
const BINARY = /\.(?:png|svg|gif|zst|bin)$/;

/** Every link and every `#anchor` leads somewhere, and every decision has a status, a date and a line in the index. */
export async function checkDocs() {
  const listed = runTool('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z']);
  if (!listed.ok) return listed;
  const files = listed.stdout.split('\0').filter((file) => file !== '' && !BINARY.test(file));
  const texts = new Map();
  for (const file of files) {
    const text = await readFile(inProject(file), 'utf8').catch(missing);
    if (text !== undefined) texts.set(file, text);
  }
  const complaints = [
    ...brokenLinks(texts, new Set(listed.stdout.split('\0'))),
    ...wrongDecisions(texts),
  ];
  return { ok: texts.size > 0 && complaints.length === 0, output: complaints.join('\n') };
}

function brokenLinks(texts, files) {
  const anchors = new Map();
  for (const [file, text] of texts) if (file.endsWith('.md')) anchors.set(file, anchorsOf(text));
  const exists = (path) =>
    files.has(path) || [...files].some((file) => file.startsWith(`${path}/`));
  const complaints = [];
  for (const { file, line, target, path, anchor } of [...texts].flatMap(linksOf)) {
    const isBroken = !exists(path) || (anchor !== '' && anchors.get(path)?.has(anchor) === false);
    if (isBroken) complaints.push(`${file}:${line} links to ${target}, which does not exist`);
  }
  return complaints;
}

function linksOf([file, text]) {
  if (file.endsWith('.md')) return markdownLinks(file, text);
  if (!NAMES_PAGES.test(file)) return [];
  const named = /(?<![\w.-])(?:\/opt\/walq\/)?(?<path>docs\/[\w./-]+\.md)(?:#(?<anchor>[\w-]*))?/g;
  return [...text.matchAll(named)].map(({ index, 0: target, groups: { path, anchor = '' } }) => ({
    file,
    line: lineAt(text, index),
    target,
    path,
    anchor,
  }));
}

function markdownLinks(file, text) {
  const link = /\]\((?<target>[^)\s]+)(?: "[^"]*")?\)|^\[[^\]]+\]:\s*(?<defined>\S+)/gm;
  const found = [];
  for (const { index, groups } of blankCode(text).matchAll(link)) {
    const target = groups.target ?? groups.defined;
    if (/^[a-z]+:/.test(target)) continue;
    const [path, anchor = ''] = target.split('#');
    const resolved = path === '' ? file : join(dirname(file), path).replace(/\/$/, '');
    found.push({ file, line: lineAt(text, index), target, path: resolved, anchor });
  }
  return found;
}

/** Code holds no links. Blanks keep the line numbers. */
function blankCode(text) {
  const blank = (code) => code.replaceAll(/[^\n]/g, ' ');
  return text.replaceAll(/^( *)```.*?^\1```$/gms, blank).replaceAll(/(`+)[^`\n]+\1/g, blank);
}

/** The anchors that GitHub makes of headings, and those that a page declares itself. */
function anchorsOf(text) {
  const withoutFences = text.replaceAll(/^( *)```.*?^\1```$/gms, '');
  const anchors = new Set();
  for (const [, heading] of withoutFences.matchAll(/^#{1,6} +(.*?) *#*$/gm)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy += 1) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  for (const [, name] of withoutFences.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(name);
  return anchors;
}

function slugOf(heading) {
  return heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}

function wrongDecisions(texts) {
  const index = texts.get(DECISION_INDEX) ?? '';
  const decisions = [...texts].filter(([file]) => DECISION.test(file));
  const complaints = decisions.flatMap(([file, text]) => {
    const title = /^# (\d{4} .+)$/m.exec(text)?.[1];
    const isNumbered = title?.slice(0, 4) === basename(file).slice(0, 4);
    return [
      !isNumbered && `${file} does not begin with its number and title`,
      !STATUS.test(text) && `${file} has no line 'Status: accepted · YYYY-MM-DD'`,
      !index.includes(`[${title}](${basename(file)})`) && `${DECISION_INDEX} does not list ${file}`,
    ].filter(Boolean);
  });
  return decisions.length === 0 ? ['no decisions found'] : complaints;
}

const lineAt = (text, index) => text.slice(0, index).split('\n').length;

/** A file that git still lists and that has just been removed. */
function missing(error) {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
