import { sourceLink } from '../live/use-route.ts';

const SHOWN_MAX = 6;

/** The names of some sources, each a link to its page. */
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
