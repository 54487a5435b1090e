/** Which part of the page is shown: `#/` or `#/sources/<name>`. */
import { useEffect, useState } from 'preact/hooks';

const sourceIn = (hash: string): string | undefined => {
  const name = /^#\/sources\/(?<name>.+)$/.exec(hash)?.groups?.['name'];
  return name === undefined ? undefined : decodeURIComponent(name);
};

export const sourceLink = (name: string): string => `#/sources/${encodeURIComponent(name)}`;

/** The source that is looked at; undefined for the overview. */
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
