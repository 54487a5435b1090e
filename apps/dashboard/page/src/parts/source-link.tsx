/** The route of the page, `#/` or `#/sources/<name>`, and links to sources. */
import { useEffect, useState } from 'preact/hooks';

const SHOWN_MAX = 6;

export const SourceLinks = ({ sources }: { readonly sources: readonly string[] }) => (
  <span class="source-links">
    {sources.slice(0, SHOWN_MAX).map((name, index) => (
      <>
        {index > 0 && ', '}
        <a key={name} href={sourceLink(name)}>
          {name}
        </a>
      </>
    ))}
    {sources.length > SHOWN_MAX && ` and ${sources.length - SHOWN_MAX} more`}
  </span>
);

const sourceIn = (hash: string): string | undefined => {
  const name = /^#\/sources\/(?<name>.+)$/.exec(hash)?.groups?.['name'];
  return name === undefined ? undefined : decodeURIComponent(name);
};

export const sourceLink = (name: string): string => `#/sources/${encodeURIComponent(name)}`;

/** The source whose page is open; undefined for the overview. */
export function useSourceRoute(): string | undefined {
  const [source, setSource] = useState(() => sourceIn(location.hash));
  useEffect(() => {
    const follow = (): void => {
      setSource(sourceIn(location.hash));
      scrollTo(0, 0);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return source;
}
