/** A set that forgets its oldest member when it is full: for what may be forgotten at the price of work. */
export class BoundedSet {
  readonly #members = new Set<string>();
  readonly #membersMax: number;

  constructor(membersMax: number) {
    this.#membersMax = membersMax;
  }

  has(member: string): boolean {
    return this.#members.has(member);
  }

  add(member: string): void {
    this.#members.delete(member);
    this.#members.add(member);
    if (this.#members.size > this.#membersMax) this.#deleteOldest();
  }

  delete(member: string): void {
    this.#members.delete(member);
  }

  #deleteOldest(): void {
    for (const oldest of this.#members) {
      this.#members.delete(oldest);
      return;
    }
  }
}
