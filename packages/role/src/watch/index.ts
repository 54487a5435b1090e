export {
  watchSources,
  type Sighting,
  type SourceWatch,
  type SourceWatchOptions,
} from './watch-sources.ts';
