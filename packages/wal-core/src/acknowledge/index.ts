export { claiming, claimOn } from './claim.ts';
export { isKeptContent, keptChecksum, keptRecordsOf, recordKeptFile } from './kept-file.ts';
export {
  markerDirectory,
  markerText,
  sweepMarkers,
  useMarker,
  writeMarker,
  type MarkedPlace,
} from './marker.ts';
