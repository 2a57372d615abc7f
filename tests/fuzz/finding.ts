/** Something that must not be: an input, and what was wrong with what became of it. */
export class Finding extends Error {
  override readonly name = 'Finding';

  constructor(
    what: string,
    readonly input: Uint8Array,
    options?: ErrorOptions
  ) {
    super(what, options);
  }
}
