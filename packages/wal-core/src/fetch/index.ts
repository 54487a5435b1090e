export { AheadDirectory } from './ahead-directory.ts';
export { fetchAhead, type AheadOptions } from './fetch-ahead.ts';
export { fetchFile, namingInArchive, untilHealed, type FetchOptions } from './fetch-file.ts';
