export { watchSources, type SourceWatch, type SourceWatchOptions } from './watch-sources.ts';
