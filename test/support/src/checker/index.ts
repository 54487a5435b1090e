export {
  faultsAtAnyTime,
  faultsAtTheEnd,
  type CheckedPlace,
  type Faults,
} from './archive-checker.ts';
export { decodesTo, sameContent } from './same-content.ts';
export { hiddenFiles, visibleObjects, type VisibleObject } from './visible-objects.ts';
