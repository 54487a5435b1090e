/** A source's name is a slug, because it is the first part of every key and of the queue's name. */

export const SOURCE_NAME_EXPECTED =
  'a name of lower-case letters, digits and dashes, 63 characters at most';

const slug = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const isSourceName = (name: string): boolean => slug.test(name);

/** The nearest source name to a text such as a directory's name; undefined when nothing is left. */
export function toSourceName(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
  return isSourceName(name) ? name : undefined;
}
