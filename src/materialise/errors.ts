/** Exports that cannot be made into a state, or are not what their manifests say. The message says which and why. */
export class MaterialiseError extends Error {
  override readonly name = 'MaterialiseError';
  /** What to do about it. */
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
