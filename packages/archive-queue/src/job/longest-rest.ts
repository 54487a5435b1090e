/** No job rests for longer before it is tried again, whatever it failed of; milliseconds. */
export const LONGEST_REST_MS = 600_000;
