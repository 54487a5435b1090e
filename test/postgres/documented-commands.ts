/** Reads the commands of a page of docs/, so that a test runs exactly what people run. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const docs = join(import.meta.dirname, '../../docs');

export const textOf = (page: string): Promise<string> => readFile(join(docs, page), 'utf8');

/** What stands below a heading of the second level, up to the next one. */
export async function sectionOf(page: string, heading: string): Promise<string> {
  const text = await textOf(page);
  const section = text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/${page} has no '## ${heading}'`);
  return section;
}

/** The blocks of a language, without their fences. */
export const blocksOf = (section: string, language: string): readonly string[] =>
  [...section.matchAll(/^ *```(?<language>\w*)\n(?<text>.*?)^ *```$/gms)]
    .filter(({ groups }) => groups?.['language'] === language)
    .map(({ groups }) => groups?.['text'] ?? '');

/** The commands after the prompts `$` and `#` of console blocks, with continuation lines after `>`. */
export function commandsOf(section: string): readonly string[] {
  const commands: string[] = [];
  for (const line of blocksOf(section, 'console').join('').split('\n')) {
    if (/^[$#] /.test(line)) commands.push(line.slice(2));
    else if (line.startsWith('> ')) commands.push(`${commands.pop() ?? ''}\n${line.slice(2)}`);
  }
  return commands;
}

/** The lines that the page shows below each command of its console blocks, in the order of the commands. */
export function outputsOf(section: string): readonly (readonly string[])[] {
  const outputs: string[][] = [];
  for (const line of blocksOf(section, 'console').join('').split('\n')) {
    if (/^[$#] /.test(line)) outputs.push([]);
    else if (line !== '' && line !== '…' && !line.startsWith('> ')) outputs.at(-1)?.push(line);
  }
  return outputs;
}
