export { claiming, claimOn } from './claim.ts';
export {
  markerDirectory,
  markerText,
  sweepMarkers,
  useMarker,
  writeMarker,
  type MarkedPlace,
} from './marker.ts';
