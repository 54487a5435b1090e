export { keepPresent, type Presence, type PresenceOptions } from './keep-present.ts';
