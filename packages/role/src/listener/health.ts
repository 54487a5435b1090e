/** What a role says of itself. Both are asked at each request and must answer at once. */
export interface Health {
  /** What keeps this role from its work now, in a few words each; none when it is ready. */
  notReady(): readonly string[];
  /** Why the process should be restarted; undefined while it is sound. An absent Redis is no reason. */
  unsound?(): string | undefined;
}
