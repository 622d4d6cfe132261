/** A refusal of STS, as the Query protocol words it. */
export class StsError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'StsError';
  }
}

export const validationError = (message: string): StsError => new StsError('ValidationError', 400, message);
