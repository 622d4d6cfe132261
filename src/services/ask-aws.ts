import { classifyAwsError } from './aws-errors.ts';
import { type UserError, userError } from './user-errors.ts';

/** AWS refused what somebody wanted to see, or gave no answer. */
export class AwsRefusal extends Error {
  override readonly name = 'AwsRefusal';

  constructor(readonly error: UserError) {
    super(error.message);
  }
}

/**
 * Asks AWS on behalf of somebody who looks at something.
 * @throws AwsRefusal for whatever AWS says instead of an answer; what is a bug stays one
 */
export async function askAws<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof AwsRefusal) throw error;
    const failure = classifyAwsError(error);
    throw new AwsRefusal(failure.kind === 'FINAL' ? failure.error : userError('AWS_UNAVAILABLE', failure.message));
  }
}
