/** Finds the code blocks of all pages, so that a new page or block is tested without a change here. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const root = join(import.meta.dirname, '../..');

export interface Block {
  /** `docs/start.md:98`, for messages. */
  readonly at: string;
  readonly page: string;
  /** The first word after the fence. */
  readonly language: string;
  readonly text: string;
}

/** The blocks of every page, except decisions and the change log, which have none to run. */
export async function allBlocks(): Promise<readonly Block[]> {
  const { stdout } = await run('git', ['ls-files', '*.md'], { cwd: root });
  const pages = stdout
    .trim()
    .split('\n')
    .filter((page) => !/decisions\/|CHANGELOG/.test(page));
  return (await Promise.all(pages.map(blocksOf))).flat();
}

export async function blocksOf(page: string): Promise<readonly Block[]> {
  const text = await readFile(join(root, page), 'utf8');
  const fenced = /^(?<indent> *)```(?<language>[^\n]*)\n(?<body>.*?)^\k<indent>```$/gms;
  return [...text.matchAll(fenced)].map(({ index, groups }) => {
    const { indent = '', language = '', body = '' } = groups ?? {};
    const line = text.slice(0, index).split('\n').length;
    const lines = body.split('\n').map((one) => one.slice(indent.length));
    return { at: `${page}:${line}`, page, language: language.trim(), text: lines.join('\n') };
  });
}

/**
 * The commands that a reader types: all of an `sh` block; of a `console` block the lines after the prompts `$` and `#`,
 * with their continuation lines (after `>`, after a backslash, or up to a closing `done`).
 */
export function commandsOf({ language, text }: Block): readonly string[] {
  const commands: string[] = [];
  let isOpen = false;
  for (const line of text.split('\n')) {
    const typed = language === 'sh' ? line : /^[$#] (?<typed>.*)$/.exec(line)?.groups?.['typed'];
    const more = isOpen ? line : /^> (?<more>.*)$/.exec(line)?.groups?.['more'];
    if (more !== undefined) commands.push(`${commands.pop() ?? ''}\n${more}`);
    else if (typed !== undefined && typed !== '') commands.push(typed);
    const last = commands.at(-1) ?? '';
    isOpen = last.endsWith('\\') || (/^for .*; do/.test(last) && !/\bdone$/.test(last));
  }
  return commands;
}

/** The output that the page shows. */
export const shownBy = ({ language, text }: Block): readonly string[] =>
  language === 'sh' ? [] : text.split('\n').filter((line) => line !== '' && !/^[$#>] /.test(line));

/** Times, sizes, counts and the width of columns differ from run to run; names of segments do not. */
export const masked = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '#')
    .replace(/(?<![\w-])\d[\d,.]*(?: (?:ms|s|kB|MB)\b|%)?/g, '#')
    .replace(/(?<=\S) +/g, ' ');
